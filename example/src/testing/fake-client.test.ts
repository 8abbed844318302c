import { fakeClient } from "@accord-grpc/runtime/testing";
import { expect, it, vi } from "vitest";
import { InsufficientFundsError } from "../gen/ledger/v1/errors.js";
import { LedgerServiceClient } from "../gen/ledger/v1/ledger_client.js";
import { bindLedgerService } from "../gen/ledger/v1/ledger_servicer.js";

// What users of a generated client do in their own tests.

const funds = { balance: "1", amount: "2", currency: "EUR" };

it("answers as its functions do, and remembers what a mock remembers", async () => {
  const getAccount = vi.fn(async () => ({ account: { accountId: "a" } }));
  const ledger = fakeClient(LedgerServiceClient, bindLedgerService, { getAccount });
  expect((await ledger.getAccount({ accountId: "a" })).account?.accountId).toBe("a");
  expect(getAccount).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ accountId: "a" }), expect.anything());
});

const amount = { minorUnits: 500n, currencyCode: "CHF" };
const request = { transfer: { sourceAccountId: "alice", destinationAccountId: "bob", amount } };

it("fails with the contract's errors, and tells them as a result", async () => {
  const ledger = fakeClient(LedgerServiceClient, bindLedgerService, {
    transfer: () => {
      throw new InsufficientFundsError(funds);
    },
  });
  await expect(ledger.transfer(request)).rejects.toBeInstanceOf(InsufficientFundsError);
  const { error } = await ledger.transfer.result(request);
  expect(error?.code).toBe("INSUFFICIENT_FUNDS");
});

it("streams, and keeps to deadlines", async () => {
  const ledger = fakeClient(LedgerServiceClient, bindLedgerService, {
    async *listEntries() {
      yield { entry: { accountId: "a" } };
      yield { entry: { accountId: "b" } };
    },
    getAccount: () => new Promise(() => {}),
  });
  const seen: unknown[] = [];
  for await (const { entry } of ledger.listEntries({})) {
    seen.push(entry?.accountId);
  }
  expect(seen).toEqual(["a", "b"]);
  await expect(ledger.getAccount({}, { timeoutMs: 20 })).rejects.toMatchObject({ code: "DEADLINE_EXCEEDED" });
});

it("says which method it has no function for", async () => {
  const ledger = fakeClient(LedgerServiceClient, bindLedgerService, {});
  await expect(ledger.getAccount({})).rejects.toMatchObject({
    code: "UNIMPLEMENTED",
    message: expect.stringContaining("/ledger.v1.LedgerService/GetAccount"),
  });
});
