import { cpSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { accord, ProtoFolder, ROOT } from "./cli.fixture.js";

// The example's own folder has no contract language for buf to find until its code is generated anew, hence the copy.

const EXAMPLE = join(ROOT, "example");

let project: ProtoFolder;
beforeEach(() => {
  project = new ProtoFolder({}).installBuf();
  cpSync(join(EXAMPLE, "proto"), join(project.path, "protos"), { recursive: true });
  cpSync(join(ROOT, "plugin/validate-protos/buf"), join(project.path, "protos/buf"), { recursive: true });
});
afterEach(() => project.remove());

/** Checks the example's classes against the copied protos. Each line starts with a class's state. */
async function checkExample() {
  const folders = ["--out", join(EXAMPLE, "src/apps"), "--gen", join(EXAMPLE, "src/gen")];
  const { code, stdout, stderr } = await accord(["scaffold", "protos", ...folders, "--check"], { cwd: project.path });
  return { code, stderr, lines: stdout.trimEnd().replaceAll(/(?<= {2})(?! ).*\/example\//g, "") };
}

describe("the example's servicers", () => {
  it("lack no method, and have none that is stale", async () => {
    expect(await checkExample()).toEqual({
      code: 0,
      stderr: "",
      lines: `complete  src/apps/ledger-server/audit-servicer.ts  AuditServicer
complete  src/apps/ledger-server/ledger-servicer.ts  LedgerServicer
complete  src/apps/payments-server/payments-servicer.ts  PaymentsServicer`,
    });
  });

  it("would be told to lack what is added to the protos", async () => {
    const path = "protos/payments/v1/payments.proto";
    const rpc = "rpc Refund(RefundRequest) returns (RefundRequest);";
    project.put(path, `${project.read(path)}\nmessage RefundRequest {}\n`.replace(/(service \w+ \{)/, `$1\n  ${rpc}`));
    expect(await checkExample()).toMatchObject({
      code: 1,
      lines: expect.stringContaining(
        "missing   src/apps/payments-server/payments-servicer.ts  PaymentsServicer: refund",
      ),
    });
  });
});
