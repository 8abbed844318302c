import { afterEach, describe, expect, it } from "vitest";
import { accord, type ProtoFolder } from "../../plugin/src/cli/cli.fixture.js";
import { rulePage } from "../../plugin/src/contract.js";
import { buf, lineOf, pluginProject } from "./workspace.js";

// Real buf, and the built command. What each rule says is compared in plugin/src/check.

const CONTRACT = `syntax = "proto3";
package shop.v1;
import "accord/v1/options.proto";
enum ShopErrorCode {
  option (accord.v1.errors) = {};
  SHOP_ERROR_CODE_UNSPECIFIED = 0;
  SHOP_ERROR_CODE_SOLD_OUT = 1 [(accord.v1.error) = {status: FAILED_PRECONDITION, metadata: ["item"]}];
}
service ShopService {
  option (accord.v1.service).auth.requirement = AUTH_REQUIREMENT_REQUIRED;
  rpc Buy(BuyRequest) returns (BuyResponse) {
    option idempotency_level = IDEMPOTENT;
    option (accord.v1.method) = {
      call: {timeout: "10s", retry: {max_attempts: 3}}
      raises: ["SOLD_OUT"]
    };
  }
}
message BuyRequest {
  string card = 1 [debug_redact = true];
}
message BuyResponse {}
`;

/** The contract with some of its text replaced. */
function changed(...replacements: readonly (readonly [from: string, to: string])[]): string {
  return replacements.reduce((text, [from, to]) => {
    expect(text).toContain(from);
    return text.replace(from, to);
  }, CONTRACT);
}

let project: ProtoFolder | undefined;
afterEach(() => project?.remove());

/** A project with one contract. */
function shop(contract: string, rest = ""): ProtoFolder {
  project = pluginProject({ "protos/shop/v1/shop.proto": contract }, rest);
  return project;
}

const TWO_MISTAKES = [
  ['timeout: "10s"', 'timeout: "10 s"'],
  ['raises: ["SOLD_OUT"]', 'raises: ["SOLDOUT"]'],
] as const;

describe("buf lint", () => {
  it("says what accord lint says, at the same lines and columns", async () => {
    const { path } = shop(changed(...TWO_MISTAKES));
    const { findings } = await buf(shop(changed(...TWO_MISTAKES)), "lint");
    const { stdout } = await accord(["lint", "--json"], { cwd: path });
    const { diagnostics } = JSON.parse(stdout) as {
      diagnostics: { path: string; line: number; column: number; rule: string; message: string }[];
    };
    expect(findings.map(lineOf).sort()).toEqual(
      diagnostics
        .map(
          (each) =>
            `${each.path}:${each.line}:${each.column}: ACCORD_${each.rule} ${each.message} ${rulePage(each.rule)}`,
        )
        .sort(),
    );
    expect(findings.map(({ type }) => type)).toContain("ACCORD_DURATION_SYNTAX");
    expect(findings.map(({ type }) => type)).toContain("ACCORD_RAISES_UNKNOWN");
  });

  it("has nothing to say of a good contract", async () => {
    expect(await buf(shop(CONTRACT), "lint")).toEqual({ findings: [], stderr: "" });
  });

  it("heeds buf:lint:ignore, and waivers of the contract", async () => {
    const ignored = changed(
      ['      raises: ["SOLD_OUT"]', '      raises: ["SOLDOUT"]'],
      ["  rpc Buy(", "  // buf:lint:ignore ACCORD_RAISES_UNKNOWN\n  rpc Buy("],
    );
    const types = (await buf(shop(ignored), "lint")).findings.map(({ type }) => type);
    expect(types).not.toContain("ACCORD_RAISES_UNKNOWN");
    const codes = 'codes: [UNAVAILABLE, ABORTED]}}\n      allow: {rule: "RETRY_CODES", reason: "a test"}';
    const waived = changed(["max_attempts: 3}}", `max_attempts: 3, ${codes}`]);
    expect((await buf(shop(waived), "lint")).findings).toEqual([]);
  });

  it("can be told by category, by rule, and by options", async () => {
    const contract = changed(...TWO_MISTAKES);
    const one = shop(contract);
    one.put("buf.yaml", one.read("buf.yaml").replace("lint: { use: [ACCORD] }", "lint: { use: [ACCORD_ERRORS] }"));
    expect(new Set((await buf(one, "lint")).findings.map(({ type }) => type))).toEqual(
      new Set(["ACCORD_RAISES_UNKNOWN", "ACCORD_RAISES_UNUSED"]),
    );
    const errors = await buf(shop(contract, "    options: { errors_only: true }\n"), "lint");
    expect(errors.findings.map(({ type }) => type)).not.toContain("ACCORD_RAISES_UNUSED");
    const misspelt = await buf(shop(contract, "    options: { error_only: true }\n"), "lint");
    expect(misspelt.stderr).toContain("Unknown option error_only in buf.yaml: there are errors_only.");
  });
});

describe("buf breaking", () => {
  it("says what accord breaking says, with the same words", async () => {
    const after = changed(
      ["AUTH_REQUIREMENT_REQUIRED", "AUTH_REQUIREMENT_OPTIONAL"],
      ['metadata: ["item"]', 'metadata: ["left"]'],
      ["FAILED_PRECONDITION", "NOT_FOUND"],
      ["max_attempts: 3", "max_attempts: 4"],
      ['timeout: "10s"', 'timeout: "9s"'],
      [" [debug_redact = true]", ""],
    );
    const { path } = shop(after);
    project?.put("old/buf.yaml", "version: v2\nmodules:\n  - path: protos\n  - path: accord\n");
    project?.put("old/protos/shop/v1/shop.proto", CONTRACT);
    project?.put("old/accord/accord/v1/options.proto", project.read("accord/accord/v1/options.proto"));
    if (project === undefined) {
      return expect.unreachable();
    }
    const { findings } = await buf(project, "breaking", "--against", "old");
    const { stdout } = await accord(["breaking", "--against", "old", "--json"], { cwd: path });
    const { changes } = JSON.parse(stdout) as {
      changes: { path: string; line: number; column: number; rule: string; message: string }[];
    };
    expect(findings.map(lineOf).sort()).toEqual(
      changes
        .map(
          (each) =>
            `${each.path}:${each.line}:${each.column}: ACCORD_${each.rule} ${each.message} ${rulePage(each.rule)}`,
        )
        .sort(),
    );
    expect(new Set(changes.map(({ rule }) => rule))).toEqual(
      new Set([
        "AUTH_LOOSENED",
        "ERROR_METADATA_REMOVED",
        "ERROR_STATUS_CHANGED",
        "REDACTION_REMOVED",
        "RETRY_WIDENED",
        "TIMEOUT_LOWERED",
      ]),
    );
  });

  it("says that a contract with errors can't be compared", async () => {
    const { path } = shop(changed(...TWO_MISTAKES));
    project?.put("old/buf.yaml", "version: v2\nmodules:\n  - path: protos\n  - path: accord\n");
    project?.put("old/protos/shop/v1/shop.proto", CONTRACT);
    project?.put("old/accord/accord/v1/options.proto", project.read("accord/accord/v1/options.proto"));
    expect(path).toBeDefined();
    if (project === undefined) {
      return expect.unreachable();
    }
    const { stderr } = await buf(project, "breaking", "--against", "old");
    expect(stderr).toContain("The contract has errors; `buf lint` shows them too:");
    expect(stderr).toContain("DURATION_SYNTAX");
  });
});
