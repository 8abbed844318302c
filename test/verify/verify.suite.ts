import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { DebugInfoSchema } from "@accord-grpc/runtime/google-rpc";
import { create } from "@bufbuild/protobuf";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { accord } from "../../plugin/src/cli/cli.fixture.js";
import { VERIFY_RULES, type VerifyRuleId } from "../../plugin/src/verify/verify-rules.js";
import { type CompiledContract, compileContract, EXAMPLES } from "./contract.fixture.js";
import {
  answered,
  failed,
  frame,
  STOCK_ERRORS,
  type StockAnswer,
  type StockCall,
  type StockError,
  type StockManners,
  startStockServer,
  stockMessage,
  type Violation,
} from "./stock-server.fixture.js";

let contract: CompiledContract;
beforeAll(() => {
  contract = compileContract("test/verify/proto");
});
afterAll(() => contract.remove());

function verify(target: string, ...more: readonly string[]) {
  const argv = ["verify", contract.image, "--target", target, "--examples", EXAMPLES, "--call", "ReserveItem", ...more];
  return accord(argv);
}

/** The rules that a server breaks, as `--json` tells them. */
async function broken(
  violation: Violation,
  manners: StockManners,
  ...more: readonly string[]
): Promise<VerifyRuleId[]> {
  const server = await startStockServer(violation, manners);
  const { stdout, code } = await verify(server.target, "--json", ...more);
  server.close();
  const { findings } = JSON.parse(stdout) as { findings: { rule: VerifyRuleId }[] };
  expect(code).toBe(findings.length > 0 ? 1 : 0);
  return [...new Set(findings.map(({ rule }) => rule))].sort();
}

const isGet = ({ path }: StockCall) => path.endsWith("/GetItem");

/** Changes the answers to one item. */
function of(itemId: string, change: (answer: StockAnswer) => StockAnswer): Violation {
  return (answer, call) => (isGet(call) && call.itemId === itemId ? change(answer) : answer);
}

/** Changes a declared error. */
function busy(change: Partial<StockError>): Violation {
  return of("counted", () => failed({ ...STOCK_ERRORS.STOCK_BUSY(), ...change }));
}

const info = (change: object) => ({ info: { reason: "STOCK_BUSY", domain: "stock.example.com", ...change } });
const trailing = (more: Record<string, string>) =>
  of("known", (answer) => ({ ...answer, trailers: { ...answer.trailers, ...more } }));
const unknown: Violation = (answer, { path }) => (path.endsWith("Unknown") ? answered(new Uint8Array()) : answer);
const gzip = { "grpc-encoding": "gzip" };

/** One violation of each rule, and what is found of it. What one fault breaks besides is named, too. */
const VIOLATIONS: [rules: VerifyRuleId[], what: string, violation: Violation, manners?: StockManners][] = [
  [
    ["METHOD_MISSING"],
    "a method is UNIMPLEMENTED",
    (answer, { path }) => (path.endsWith("/ReserveItem") ? failed({ status: 12, message: "" }) : answer),
  ],
  [["UNKNOWN_METHOD_ANSWERED"], "an unknown method is OK", unknown],
  [
    ["HEALTH_MISSING"],
    "health knows no full name",
    (answer, { path }) => (path.includes("Health") ? failed({ status: 5, message: "unknown service" }) : answer),
  ],
  [
    ["HEALTH_NOT_SERVING"],
    "health is NOT_SERVING",
    (answer, { path }) => (path.includes("Health") ? answered(Buffer.from([8, 2])) : answer),
  ],
  [["REQUEST_LIMIT_IGNORED"], "a larger request is taken", (answer) => answer, { limit: 1e9 }],
  [["REQUEST_LIMIT_TOO_LOW"], "a request within the limit is refused", (answer) => answer, { limit: 60_000 }],
  [["RESPONSE_TOO_LARGE"], "a response is too large", of("known", () => answered(stockMessage("x".repeat(70_000))))],
  [["DEADLINE_IGNORED"], "a call has no end", (answer) => answer, { ignoresDeadlines: true }],
  [
    ["MAX_TIMEOUT_IGNORED"],
    "a stream goes on",
    (answer, { path, headers }) =>
      path.endsWith("/ListItems") && headers["grpc-timeout"] === undefined && answer.frames.length > 0
        ? { ...answer, instead: "nothing" }
        : answer,
  ],
  [["ANSWER_UNDECODABLE"], "a response is nonsense", of("known", () => answered(Buffer.from([0x0a, 0x7f])))],
  [
    ["ANSWER_UNDECODABLE"],
    "half of a message",
    of("known", (answer) => ({ ...answer, frames: [frame(stockMessage("known")).subarray(0, 8)] })),
  ],
  [["ANSWER_COUNT"], "two responses", of("known", () => answered(stockMessage("a"), stockMessage("b")))],
  [["ANSWER_UNEXPECTED"], "another error", of("counted", () => failed(STOCK_ERRORS.ITEM_NOT_FOUND("counted")))],
  [
    ["ANSWER_UNEXPECTED", "STATUS_UNDECLARED"],
    "a status of no error",
    of("nowhere", () => failed({ status: 13, message: "oh" })),
  ],
  [
    ["ANSWER_UNEXPECTED", "RETRIABLE_EXECUTED"],
    "UNAVAILABLE",
    of("nowhere", () => failed({ status: 14, message: "" })),
  ],
  [["ERROR_INFO_MISSING"], "no ErrorInfo", busy({ info: undefined, retryDelayMs: undefined, pushback: undefined })],
  [["ANSWER_UNEXPECTED", "ERROR_CODE_UNDECLARED"], "another reason", busy(info({ reason: "STOCK_BUZY" }))],
  [
    ["ANSWER_UNEXPECTED", "ERROR_CODE_UNDECLARED"],
    "an error of another method",
    of("counted", () => failed(STOCK_ERRORS.SOLD_OUT())),
  ],
  [["ERROR_STATUS_DIFFERS"], "another status", busy({ status: 8 })],
  [["ERROR_DOMAIN_DIFFERS"], "another domain", busy(info({ domain: "stock.v1" }))],
  [["ERROR_METADATA_DIFFERS"], "more metadata", busy(info({ metadata: { shelf: "3" } }))],
  [
    ["ERROR_METADATA_DIFFERS"],
    "less metadata",
    of("nowhere", () =>
      failed({ ...STOCK_ERRORS.ITEM_NOT_FOUND(""), info: { ...STOCK_ERRORS.ITEM_NOT_FOUND("").info, metadata: {} } }),
    ),
  ],
  [["ERROR_PUSHBACK_DIFFERS"], "no RetryInfo", busy({ retryDelayMs: undefined })],
  [["ERROR_PUSHBACK_DIFFERS"], "another pushback", busy({ pushback: "-1" })],
  [["STATUS_DETAILS_WRONG"], "another status inside", busy({ inside: 5 })],
  [
    ["ERROR_INFO_MISSING", "STATUS_DETAILS_WRONG"],
    "details that are no status",
    of("counted", (answer) => ({ ...answer, trailers: { ...answer.trailers, "grpc-status-details-bin": "CgUK" } })),
  ],
  [
    ["INTERNALS_LEAKED"],
    "a stack in the message",
    busy({ message: "TypeError: x is undefined\n    at find (/srv/app/dist/store.js:12:3)" }),
  ],
  [["INTERNALS_LEAKED"], "a query in the metadata", trailing({ "x-debug": "select id from items where id = $1" })],
  [
    ["INTERNALS_LEAKED"],
    "DebugInfo",
    busy({ more: [[DebugInfoSchema, create(DebugInfoSchema, { stackEntries: ["main.find"] })]] }),
  ],
  [
    ["CONTENT_TYPE_WRONG"],
    "JSON",
    of("known", (answer) => ({ ...answer, headers: { "content-type": "application/json" } })),
  ],
  [["HTTP_STATUS_WRONG"], ":status 503", of("known", (answer) => ({ ...answer, httpStatus: 503 }))],
  [["GRPC_STATUS_MISSING"], "a status of -1", trailing({ "grpc-status": "-1" })],
  [["GRPC_MESSAGE_WITH_OK"], "OK with a text", trailing({ "grpc-message": "OK" })],
  [
    ["GRPC_MESSAGE_ENCODING"],
    "a percent sign",
    of("counted", (answer) => ({ ...answer, trailers: { ...answer.trailers, "grpc-message": "100%" } })),
  ],
  [["STREAM_RESET"], "a reset", of("known", (answer) => ({ ...answer, instead: "reset" }))],
  [
    ["COMPRESSED_UNASKED"],
    "gzip for everybody",
    of("known", (answer) => ({
      ...answer,
      headers: { ...answer.headers, ...gzip },
      frames: [frame(stockMessage("k".repeat(500)), true)],
    })),
  ],
  [
    ["COMPRESSION_GROWS"],
    "gzip of nearly nothing",
    (answer, call) =>
      call.itemId === "known" && call.headers["grpc-accept-encoding"] !== undefined && isGet(call)
        ? { ...answer, headers: { ...answer.headers, ...gzip }, frames: [frame(stockMessage("known"), true)] }
        : answer,
  ],
  [["TRAILERS_TOO_LARGE"], "4 KiB of trailers", trailing({ "x-hint": "h".repeat(4_000) })],
];

describe("accord verify", () => {
  it("finds nothing where the contract is kept", async () => {
    const server = await startStockServer();
    const outcome = await verify(server.target);
    server.close();
    expect(outcome).toEqual({
      code: 0,
      stdout:
        "stock.v1.StockService\n  kept        GetItem  4 calls\n  kept        ListItems  2 calls\n  kept        ReserveItem  2 calls\n",
      stderr: "3 methods, 8 calls: the contract is kept.\n",
    });
  });

  it.concurrent.each(VIOLATIONS)("finds %j: %s", async (rules, _, violation, manners = {}) => {
    expect(await broken(violation, manners)).toEqual([...rules].sort());
  });

  it.concurrent.each([
    ["graceful", []],
    ["abrupt", ["DRAIN_CALL_LOST", "DRAIN_NO_GOAWAY"]],
    ["deaf", ["DRAIN_CALLS_TAKEN", "DRAIN_NO_GOAWAY", "DRAIN_TOO_LONG"]],
  ])("judges how a server leaves: %s", async (manner, rules) => {
    const script = fileURLToPath(new URL("draining-server.mjs", import.meta.url));
    const child = spawn(process.execPath, [script, manner], { stdio: ["ignore", "pipe", "inherit"] });
    const [line] = (await once(child.stdout, "data")) as [Buffer];
    const { stdout } = await verify(`127.0.0.1:${line.toString().trim()}`, "--json", "--sigterm", String(child.pid));
    child.kill("SIGKILL");
    const { findings } = JSON.parse(stdout) as { findings: { rule: string }[] };
    const found = findings.map(({ rule }) => rule).filter((rule) => rule.startsWith("DRAIN_"));
    expect(found.sort()).toEqual(rules);
  });

  describe("with requests that have rules, and callers that must be known", () => {
    let strict: CompiledContract;
    beforeAll(() => {
      strict = compileContract("test/verify/strict", "plugin/validate-protos");
    });
    afterAll(() => strict.remove());

    const run = async (violation: Violation) => {
      const requests: string[] = [];
      const server = await startStockServer(
        (answer, call) => {
          if (!call.path.endsWith("/FindOrder")) {
            return call.path.includes("Health") ? answered(stockMessage(1)) : answer;
          }
          requests.push(call.itemId);
          return violation(answer, call);
        },
        { limit: 4 * 1024 * 1024 },
      );
      const argv = ["verify", strict.image, "--target", server.target, "--header", "authorization: Bearer x", "--json"];
      const { stdout } = await accord(argv);
      server.close();
      type Report = { findings: { rule: string; text: string }[]; notes: string[] };
      return { ...(JSON.parse(stdout) as Report), requests };
    };

    /** Answers as a server that asks who calls, and checks requests. */
    const refusing =
      (detail: NonNullable<StockError["more"]>): Violation =>
      (answer, { headers }) => {
        if (headers.authorization === undefined) {
          return failed({ status: 16, message: "Who is calling?" });
        }
        const metadata = { field: "order_id", problem: "must be a UUID", rule: "string.uuid", count: "1" };
        return answer.trailers["grpc-status"] !== "12"
          ? answer
          : failed({
              status: 3,
              message: "no",
              info: { reason: "INVALID_REQUEST", domain: "desk.v1", metadata },
              more: detail,
            });
      };

    it("finds unlawful requests that are taken, and callers that nobody asks after", async () => {
      const { findings, notes, requests } = await run(() => answered(new Uint8Array()));
      expect(notes).toEqual([]);
      expect(requests).toContain("0190d9c2-7c5a-7000-8000-000000000001");
      const taken = findings.filter(({ rule }) => rule === "INVALID_REQUEST_TAKEN").map(({ text }) => text);
      expect(taken.map((text) => /breaks (.+) ended/.exec(text)?.[1])).toEqual([
        "order_id: string.uuid_empty",
        "order_id: string.uuid",
        "lines: int32.gte_lte",
        "reference: string.min_len",
        "reference: string.max_len",
        "reference: string.prefix",
      ]);
      expect(findings.map(({ rule }) => rule)).toContain("AUTH_NOT_ASKED");
    });

    it("finds nothing where both are refused, as declared", async () => {
      const schema = strict.types.getMessage("desk.v1.DeskErrorDetail");
      expect((await run(refusing(schema === undefined ? [] : [[schema, create(schema)]]))).findings).toEqual([]);
    });

    it("finds errors without the contract's own detail", async () => {
      const { findings } = await run(refusing([]));
      expect(findings.map(({ rule }) => rule)).toEqual(["ERROR_DETAIL_MISSING"]);
    });
  });

  it("reports for programs and for CI, without what is redacted", async () => {
    const server = await startStockServer(of("nowhere", () => failed({ status: 13, message: 'an "error" & more' })));
    const junit = join(contract.folder, "verify.xml");
    const { code, stdout, stderr } = await verify(server.target, "--junit", junit);
    server.close();
    expect(code).toBe(1);
    expect(stderr).toBe("3 methods, 8 calls: 2 errors, 0 warnings.\n");
    expect(stdout).toContain(
      'error STATUS_UNDECLARED stock.v1.StockService.GetItem: INTERNAL "an \\"error\\" & more"; declared are: ITEM_NOT_FOUND, STOCK_BUSY\n',
    );
    const xml = readFileSync(junit, "utf8");
    expect(xml).toContain('<testsuite name="stock.v1.StockService" tests="4" failures="1" errors="0" skipped="0">');
    expect(xml).toContain('<testcase classname="stock.v1.StockService" name="ListItems"/>');
    expect(xml).toContain("&quot;an \\&quot;error\\&quot; &amp; more");
  });

  it("leaves what may have side effects alone, unless it is named", async () => {
    const reached: string[] = [];
    const server = await startStockServer((answer, { path, itemId }) => {
      reached.push(`${path.slice(path.lastIndexOf("/") + 1)} ${itemId}`);
      return answer;
    });
    const { code, stdout } = await accord(["verify", contract.image, "--target", server.target]);
    server.close();
    expect(code).toBe(0);
    expect(stdout).toContain("  not called  ReserveItem  it may have side effects (--call ReserveItem)\n");
    expect(reached).toContain("GetItem accord-verify");
    // What decodes to nothing, and what never comes, isn't a request.
    expect(reached.filter((call) => /^ReserveItem ./.test(call))).toEqual([]);
  });

  it.each([
    [[], "Which server? Name it: accord verify --target localhost:50051."],
    [["--target", "localhost"], '--target takes host:port, as localhost:50051: "localhost" is something else.'],
    [["--target", "127.0.0.1:1"], "127.0.0.1:1 can't be reached: nothing listens there (ECONNREFUSED)."],
    [
      ["--target", "h:1", "--call", "ReserveItm"],
      'There is no method "ReserveItm" in the contract. Did you mean ReserveItem?',
    ],
    [
      ["--target", "h:1", "--ignore", "ANSWER_CONT"],
      'There is no rule "ANSWER_CONT" to ignore. Did you mean ANSWER_COUNT?',
    ],
    [["--target", "h:1", "--sigterm", "0"], '--sigterm takes the id of the server\'s process: "0" is none.'],
    [
      ["--target", "h:1", "--timeout", "soon"],
      '--timeout takes milliseconds, from 1 to 999999: "soon" is something else.',
    ],
    [["--target", "h:1", "--header", "x"], '--header takes name: value, of ASCII characters: "x" is something else.'],
    [["--target", "h:1", "--examples", "none.yaml"], "none.yaml can't be read: ENOENT"],
  ])("says what is wrong with %j", async (argv, message) => {
    const { code, stderr } = await accord(["verify", contract.image, ...argv]);
    expect(code).toBe(2);
    expect(stderr).toContain(`accord: ${message}`);
    expect(stderr.trim().split("\n")).toHaveLength(1);
  });

  it.each([
    [
      "calls.yaml",
      "GetItm:\n  - request: {}\n",
      ':1:1: There is no method "GetItm" in the contract. Did you mean GetItem?',
    ],
    ["calls.yaml", "GetItem:\n  - request: {item: 1}\n", ":2:5: the request is no stock.v1.GetItemRequest: "],
    ["calls.yaml", "GetItem:\n  - expects: OK\n", ':2:5: a call has no "expects". Did you mean expect?'],
    [
      "calls.yaml",
      "GetItem:\n  - expect: SOLD_OUT\n",
      ':2:5: stock.v1.StockService.GetItem can\'t end with "SOLD_OUT"',
    ],
    ["calls.yaml", "GetItem: [\n", ":2:1: "],
    [
      "calls.yaml",
      "GetItem:\n  - requests: [{}, {}]\n",
      ":2:5: stock.v1.StockService.GetItem takes one request, and there are 2",
    ],
    ["calls.jsonl", '{"method": "GetItem"}\n{"method"\n', ":2:1: each line is a JSON object: "],
  ])("says where in %s: %s", async (name, text, message) => {
    const file = join(contract.folder, name);
    writeFileSync(file, text);
    const option = name.endsWith("jsonl") ? "--recorded" : "--examples";
    const { code, stderr } = await accord(["verify", contract.image, "--target", "h:1", option, file]);
    expect(code).toBe(2);
    expect(stderr).toContain(`accord: ${file}${message}`);
  });

  it("has a violation of each rule in these tables", () => {
    const elsewhere = ["AUTH_NOT_ASKED", "INVALID_REQUEST_TAKEN", "ERROR_DETAIL_MISSING"];
    const seen = new Set([...VIOLATIONS.flatMap(([rules]) => rules), ...elsewhere]);
    const left = Object.keys(VERIFY_RULES).filter((rule) => !seen.has(rule) && !rule.startsWith("DRAIN_"));
    expect(left).toEqual([]);
  });
});
