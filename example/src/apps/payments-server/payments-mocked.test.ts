import { startMock, startTestServer } from "@accord-grpc/runtime/testing";
import { afterEach, expect, test } from "vitest";
import { LedgerServiceClient } from "../../gen/ledger/v1/ledger_client.js";
import { LedgerContract } from "../../gen/ledger/v1/ledger_contract.js";
import { PaymentsServiceClient } from "../../gen/payments/v1/payments_client.js";
import { bindPaymentsService } from "../../gen/payments/v1/payments_servicer.js";
import { UPSTREAM_ERRORS } from "./ledger-errors.js";
import { PaymentsServicer } from "./payments-servicer.js";

const PAYMENT = { paymentId: "p-1", payerAccountId: "alice", merchantAccountId: "shop", minorUnits: 500n };

const closing: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) {
    await close();
  }
});

/** Payments, before a ledger that its contract alone makes: each test has its own, on a port of its own. */
async function startPayments() {
  const scenario = new URL("../../../mock/ledger.mock.yaml", import.meta.url);
  const mock = await startMock(LedgerContract, { scenario });
  closing.push(() => mock.close());
  const servicer = new PaymentsServicer(new LedgerServiceClient(mock.channel));
  const server = await startTestServer([bindPaymentsService(servicer, { errors: UPSTREAM_ERRORS })]);
  closing.push(() => server.close());
  return { mock, payments: new PaymentsServiceClient(server.channel) };
}

test("pays under the payment's id, in the merchant's currency", async () => {
  const { mock, payments } = await startPayments();
  await payments.pay(PAYMENT);
  const [transfer] = mock.transfer.calls;
  expect(transfer?.request).toMatchObject({
    requestId: "p-1",
    transfer: {
      sourceAccountId: "alice",
      destinationAccountId: "shop",
      amount: { minorUnits: 500n, currencyCode: "EUR" },
    },
  });
});

test("declines what the payer can't pay, and doesn't say what the payer has", async () => {
  const { mock, payments } = await startPayments();
  mock.transfer.raises("INSUFFICIENT_FUNDS", { balance: "3" });
  const { error } = await payments.pay.result(PAYMENT);
  expect(error).toMatchObject({ code: "PAYMENT_DECLINED", metadata: { reason: "insufficient_funds" } });
});

test("plays the scenario that it is developed with", async () => {
  const { mock, payments } = await startPayments();
  expect((await payments.pay.result({ ...PAYMENT, payerAccountId: "broke" })).error?.code).toBe("PAYMENT_DECLINED");
  expect((await payments.pay.result({ ...PAYMENT, merchantAccountId: "nobody" })).error?.code).toBe("UNKNOWN_PARTY");
  await payments.pay({ ...PAYMENT, payerAccountId: "unlucky" });
  expect(mock.transfer.calls.slice(-3).map(({ attempt, code }) => [attempt, code])).toEqual([
    [1, "SERIALIZATION_CONFLICT"],
    [2, "SERIALIZATION_CONFLICT"],
    [3, undefined],
  ]);
});

test("gets through a ledger that leaves in the middle, and pays once", async () => {
  const { mock, payments } = await startPayments();
  mock.transfer.once.meets("unavailable");
  const paid = await payments.pay(PAYMENT);
  expect(await payments.pay(PAYMENT)).toEqual(paid);
  expect(mock.transfer.calls.map(({ status, source }) => [status, source])).toEqual([
    ["UNAVAILABLE", "fault"],
    ["OK", "default"],
    ["OK", "replay"],
  ]);
});

test("asks to try again when the ledger takes too long", async () => {
  const { mock, payments } = await startPayments();
  mock.getAccount.meets("past_deadline");
  const { error } = await payments.pay.result(PAYMENT);
  expect(error?.code).toBe("TRY_AGAIN");
});
