import { cpSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { buildChannel } from "@accord-grpc/runtime/codegen/v1";
import { credentials } from "@grpc/grpc-js";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { LedgerServiceClient } from "../../../example/src/gen/ledger/v1/ledger_client.js";
import { accord, type Outcome, ProtoFolder, ROOT } from "./cli.fixture.js";

// The example's own folder has no contract language for buf to find until its code is generated anew, hence the copy.
let folder: ProtoFolder;
let EXAMPLE = "";

beforeAll(() => {
  folder = ProtoFolder.empty();
  for (const protos of ["proto", "plugin/validate-protos/buf", "example/proto"]) {
    const below = protos.endsWith("/buf") ? "protos/buf" : "protos";
    cpSync(join(ROOT, protos), join(folder.path, below), { recursive: true });
  }
  folder.put("buf.yaml", "version: v2\nmodules:\n  - path: protos\n");
  EXAMPLE = join(folder.path, "image.binpb");
  folder.build(EXAMPLE);
});

afterAll(() => folder.remove());

const closing: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) {
    await close();
  }
});

interface RunningMock {
  readonly address: string;
  readonly ledger: LedgerServiceClient;
  /** Ctrl-C, and how it ended. */
  stop(): Promise<Outcome>;
}

async function mockLedger(...argv: readonly string[]): Promise<RunningMock> {
  let stop = (): void => {};
  const stopped = new Promise<void>((resolve) => {
    stop = resolve;
  });
  let started: (address: string) => void = () => {};
  const listening = new Promise<string>((resolve) => {
    started = resolve;
  });
  const outcome = accord(["mock", EXAMPLE, "--port", "0", ...argv], {
    stopped,
    onWrite: (text) => {
      const address = /on (127\.0\.0\.1:\d+), seed/.exec(text)?.[1];
      if (address !== undefined) {
        started(address);
      }
    },
  });
  const failed = outcome.then(({ stderr }) => {
    throw new Error(stderr);
  });
  const address = await Promise.race([listening, failed]);
  failed.catch(() => {});
  const channel = buildChannel(address, {}, { credentials: credentials.createInsecure() });
  closing.push(() => {
    channel.close();
    stop();
    return outcome;
  });
  return {
    address,
    ledger: new LedgerServiceClient(channel),
    stop: () => {
      stop();
      return outcome;
    },
  };
}

const AMOUNT = { minorUnits: 500n, currencyCode: "EUR" };
const TRANSFER = {
  transfer: { sourceAccountId: "a", destinationAccountId: "b", amount: AMOUNT, memo: "what nobody is to see" },
};

describe("accord mock", () => {
  it("serves a contract without its code: answers, declared errors, a line a call, and ends when it is told", async () => {
    const { ledger, stop } = await mockLedger("--seed", "7");
    expect((await ledger.getAccount({ accountId: "a-1" })).account?.accountId).toBe("a-1");
    const asked = { metadata: { "x-accord-mock": "error=INSUFFICIENT_FUNDS balance=3" } };
    const { error } = await ledger.transfer.result(TRANSFER, asked);
    expect(error).toMatchObject({ code: "INSUFFICIENT_FUNDS", metadata: { balance: "3" } });
    expect(error?.message).toMatch(/^Balance 3 is below/);
    const { code, stdout } = await stop();
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Mocking 3 services on 127\.0\.0\.1:\d+, seed 7: /);
    expect(stdout).toMatch(/^LedgerService\/GetAccount {2}OK {2}\d+ ms {2}account_id: "a-1"$/m);
    expect(stdout).toMatch(
      /^LedgerService\/Transfer {2}FAILED_PRECONDITION INSUFFICIENT_FUNDS {2}\d+ ms \[metadata\] {2}.*\[REDACTED\]/m,
    );
    expect(stdout).not.toContain("what nobody is to see");
    expect(stdout.endsWith("Draining\n")).toBe(true);
  });

  it("answers alike for the same seed, and by a scenario", async () => {
    const path = folder.put(
      "ledger.yaml",
      "seed: 3\nrules:\n  - { when: { method: Transfer, call: 2 }, then: { error: ACCOUNT_FROZEN } }\n",
    );
    const [first, second] = await Promise.all([mockLedger("-s", path), mockLedger("--seed", "3")]);
    const answers = await Promise.all([first, second].map(({ ledger }) => ledger.getAccount({ accountId: "x" })));
    expect(answers[0]).toEqual(answers[1]);
    const codes = [];
    for (let count = 0; count < 3; count += 1) {
      codes.push((await first.ledger.transfer.result(TRANSFER)).error?.code);
    }
    expect(codes).toEqual([undefined, "ACCOUNT_FROZEN", undefined]);
  });

  it("tells in a line of a port that is in use", async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    closing.push(() => other.close());
    const { port } = other.address() as { readonly port: number };
    const { code, stderr } = await accord(["mock", EXAMPLE, "--port", String(port)]);
    expect(code).toBe(2);
    expect(stderr).toBe(
      `accord: Can't listen on 127.0.0.1:${port}: something else is listening there. Stop it, or choose another port.\n`,
    );
  });

  it("tells of all that a scenario says and the contract doesn't have", async () => {
    const path = folder.put(
      "ledger.yaml",
      "rules:\n  - { when: { method: Transfr }, then: { delay: 1s } }\nfault: []\n",
    );
    const { code, stdout, stderr } = await accord(["mock", EXAMPLE, "--port", "0", "--scenario", path]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    const [head, first, second] = stderr.trimEnd().split("\n");
    expect(head).toBe("accord: The scenario has 2 mistakes:");
    expect(first).toContain(`${path}:2:23: error: There is no method Transfr. Did you mean Transfer?`);
    expect(second).toContain(`${path}:3:1: error: A scenario has no fault. Did you mean faults?`);
  });

  it.each([
    [["--port", "70000"], "--port 70000 is no port: it is a number from 0 to 65535."],
    [["--chaos", "5%"], "--chaos 5% is no share: it is a number from 0 to 1, such as 0.05."],
    [["--seed", "x"], "--seed x is no whole number."],
    [["--scenario", "nowhere.yaml"], "The scenario nowhere.yaml can't be read:"],
  ])("refuses %j", async (argv, message) => {
    const { code, stderr } = await accord(["mock", EXAMPLE, ...argv]);
    expect(code).toBe(2);
    expect(stderr).toContain(`accord: ${message}`);
  });
});

describe("the schema of scenarios", () => {
  it("has the contract's methods, fields, errors and what they carry, and nothing else", async () => {
    const { code, stdout } = await accord(["mock", EXAMPLE, "--schema"]);
    expect(code).toBe(0);
    const schema = JSON.parse(stdout);
    expect(schema.definitions.rule.properties.when.properties.method.enum).toEqual(
      expect.arrayContaining(["Transfer", "LedgerService.Transfer", "ledger.v1.LedgerService/Transfer"]),
    );
    expect(Object.keys(schema.definitions["ledger.v1.TransferRequest"].properties)).toEqual(
      expect.arrayContaining(["request_id", "requestId", "transfer", "anchor"]),
    );
    const text = JSON.stringify(schema);
    expect(text).toContain('"INSUFFICIENT_FUNDS"');
    expect(text).toContain('"balance"');
    for (const [, name] of text.matchAll(/#\/definitions\/([\w.]+)/g)) {
      expect(schema.definitions).toHaveProperty([String(name)]);
    }
  });
});
