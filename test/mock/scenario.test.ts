import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { mockedLedger } from "./mocked-ledger.fixture.js";

async function playing(text: string) {
  const folder = mkdtempSync(join(tmpdir(), "accord-mock-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "ledger.yaml");
  writeFileSync(path, text);
  const { mock, ledger } = await mockedLedger({ scenario: path }).catch((error: Error) => {
    throw new Error(error.message.replaceAll(path, "ledger.yaml"));
  });
  const amount = { minorUnits: 5n, currencyCode: "EUR" };
  const transfer = (sourceAccountId: string, metadata = {}) =>
    ledger.transfer({ transfer: { sourceAccountId, destinationAccountId: "shop", amount } }, { metadata }).then(
      ({ transferId }) => transferId,
      (error) => error.code,
    );
  return { mock, ledger, transfer };
}

describe("a scenario", () => {
  it("answers by request, by metadata and in sequence, before metadata of the caller's", async () => {
    const { transfer, mock } = await playing(`
rules:
  - when: { method: Transfer, request: { transfer: { source_account_id: empty } } }
    then: { error: INSUFFICIENT_FUNDS, metadata: { balance: 3 } }
  - when: { method: LedgerService.Transfer, metadata: { x-tenant: acme } }
    then: { status: PERMISSION_DENIED, message: "not here" }
  - when: { method: ledger.v1.LedgerService/Transfer, request: { transfer: { sourceAccountId: row, amount: { minor_units: 5 } } } }
    then:
      repeat: true
      sequence:
        - response: { transferId: one }
        - response: { transfer_id: two }
        - error: ACCOUNT_FROZEN
`);
    expect(await transfer("empty")).toBe("INSUFFICIENT_FUNDS");
    expect(await transfer("empty", { "x-accord-mock": "error=STALE_ANCHOR" })).toBe("INSUFFICIENT_FUNDS");
    expect(await transfer("other", { "x-tenant": "acme" })).toBe("PERMISSION_DENIED");
    expect(await transfer("other", { "x-accord-mock": "error=STALE_ANCHOR" })).toBe("STALE_ANCHOR");
    const row = [];
    for (let count = 0; count < 4; count += 1) {
      row.push(await transfer("row"));
    }
    expect(row).toEqual(["one", "two", "ACCOUNT_FROZEN", "one"]);
    mock.transfer.raises("DUPLICATE_REQUEST");
    expect(await transfer("empty")).toBe("DUPLICATE_REQUEST");
  });

  it("has the third call fail, and only that", async () => {
    const { transfer } = await playing(
      "rules:\n  - { when: { method: Transfer, call: 3 }, then: { error: ACCOUNT_FROZEN } }\n",
    );
    const codes = [];
    for (let count = 0; count < 4; count += 1) {
      codes.push((await transfer("a")) === "ACCOUNT_FROZEN");
    }
    expect(codes).toEqual([false, false, true, false]);
  });

  it("plans faults, delays whatever is answered, and streams what it lists", async () => {
    const { ledger, mock } = await playing(`
seed: 9
rules:
  - when: { method: GetAccount }
    then: { delay: 1ms }
  - when: { method: ListEntries }
    then: { responses: [{ entry: { memo: a } }, { entry: { memo: b, book_time: "2025-01-02T03:04:05Z" } }] }
faults:
  - { fault: unavailable, method: GetAccount, calls: [1] }
`);
    expect((await ledger.getAccount({ accountId: "x" })).account?.accountId).toBe("x");
    expect(mock.getAccount.calls.map(({ status }) => status)).toEqual(["UNAVAILABLE", "OK"]);
    const memos = [];
    for await (const { entry } of ledger.listEntries({})) {
      memos.push(entry?.memo);
    }
    expect(memos).toEqual(["a", "b"]);
  });

  it("may be empty", async () => {
    expect(await (await playing("# nothing yet\n")).transfer("a")).not.toBe("");
  });
});

const RULE = "rules:\n  - when: { method: Transfer }\n    then: ";

describe("a scenario that says what the contract doesn't have", () => {
  it.each([
    ["rule: []", /^ledger\.yaml:1:1: error: A scenario has no rule\. Did you mean rules\?/],
    [
      "rules:\n  - when: { method: Transfr }\n    then: {}\n",
      /^ledger\.yaml:2:21: error: There is no method Transfr\. Did you mean Transfer\?/,
    ],
    [
      `${RULE}{ error: INSUFFICIENT_FUND }`,
      /^ledger\.yaml:3:20: error: .* declares no error INSUFFICIENT_FUND\. Did you mean INSUFFICIENT_FUNDS\?/,
    ],
    [
      `${RULE}{ error: INSUFFICIENT_FUNDS, metadata: { balanse: 3 } }`,
      /^ledger\.yaml:3:52: error: INSUFFICIENT_FUNDS carries no balanse\. Did you mean balance\?/,
    ],
    [
      `${RULE}{ response: { transferid: x } }`,
      /^ledger\.yaml:3:25: error: ledger\.v1\.TransferResponse has no field transferid\. Did you mean transfer_id\?/,
    ],
    [
      `${RULE}{ response: { source_balance: { minor_units: many } } }`,
      /^ledger\.yaml:3:56: error: ledger\.v1\.Money\.minor_units can't be this: /,
    ],
    [
      `${RULE}{ status: UNAVAILABEL }`,
      /^ledger\.yaml:3:21: error: UNAVAILABEL is no status that an error has\. Did you mean UNAVAILABLE\?/,
    ],
    [`${RULE}{ fault: rest }`, /Did you mean reset\?/],
    [`${RULE}{ delay: 5 }`, /delay must be a duration/],
    [`${RULE}{ responses: [] }`, /answers with one message: say response/],
    [`${RULE}{ error: STALE_ANCHOR, status: ABORTED }`, /Of error and status there can be one/],
    [`${RULE}{}`, /There is nothing to do/],
    [`${RULE}{ sequence: [] }`, /sequence needs a step/],
    [
      "rules:\n  - when: { method: Transfer, request: { transfr: {} } }\n    then: { delay: 1s }",
      /:2:42: error: .* has no field transfr\. Did you mean transfer\?/,
    ],
    ["rules:\n  - when: { method: Transfer, call: 0 }\n    then: { delay: 1s }", /call must be a whole number from 1/],
    ["faults:\n  - { fault: slow, share: 2 }", /:2:27: error: share must be from 0 to 1/],
    ["faults:\n  - { fault: slo }", /There is no fault slo\. Did you mean slow\?/],
    ["rules: [", /^ledger\.yaml:1:\d+: error: /],
    ["- 1", /^ledger\.yaml:1:1: error: A scenario must be a map with seed, rules, faults/],
  ])("%j", async (text, message) => {
    await expect(playing(text)).rejects.toThrow(message);
  });

  it("is told all of its mistakes at once, in their order", async () => {
    const text = `${RULE}{ error: NONE }\nfaults:\n  - { fault: nothing }\nmore: 1\n`;
    const error: unknown = await playing(text).catch((thrown: unknown) => thrown);
    expect((error as Error).message.split("\n").map((line) => /^ledger\.yaml:(\d+):/.exec(line)?.[1])).toEqual([
      "3",
      "5",
      "6",
    ]);
  });

  it("writes nothing into a line that a terminal would obey", async () => {
    const error: unknown = await playing(`rules:\n  - { when: { method: "a\\e[31mb" }, then: {} }`).catch(
      (thrown: unknown) => thrown,
    );
    expect((error as Error).message).not.toContain("\u001b");
  });
});
