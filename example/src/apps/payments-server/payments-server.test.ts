import { startTestServer } from "@accord-grpc/runtime/testing";
import { afterEach, describe, expect, it } from "vitest";
import {
  AccountFrozenError,
  AccountNotFoundError,
  CurrencyMismatchError,
  DuplicateRequestError,
  InsufficientFundsError,
  InvalidFieldError,
  SerializationConflictError,
  StaleAnchorError,
  StoreUnavailableError,
} from "../../gen/ledger/v1/errors.js";
import { LedgerServiceClient } from "../../gen/ledger/v1/ledger_client.js";
import { bindLedgerService, type LedgerServiceServicer } from "../../gen/ledger/v1/ledger_servicer.js";
import {
  DuplicatePaymentError,
  InvalidPaymentError,
  PaymentDeclinedError,
  PaymentsUnavailableError,
  PaymentsUnknownError,
  TryAgainError,
  UnknownPartyError,
} from "../../gen/payments/v1/errors.js";
import { PaymentsServiceClient } from "../../gen/payments/v1/payments_client.js";
import { bindPaymentsService } from "../../gen/payments/v1/payments_servicer.js";
import { UPSTREAM_ERRORS } from "./ledger-errors.js";
import { PaymentsServicer } from "./payments-servicer.js";

const PAYMENT = { paymentId: "p-1", payerAccountId: "alice", merchantAccountId: "shop", minorUnits: 500n };

/** A ledger in which everything works, without any books: tests replace what they are about. */
const WORKING_LEDGER: LedgerServiceServicer = {
  openAccount: async () => ({}),
  getAccount: async ({ accountId }) => ({ account: { accountId, balance: { minorUnits: 0n, currencyCode: "EUR" } } }),
  transfer: async () => ({ transferId: "1", replayed: false }),
  listEntries: async function* () {},
  followEntries: async function* () {},
  importEntries: async () => ({}),
  watch: async function* () {},
};

const closing: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) {
    await close();
  }
});

/** Payments over a socket, to a ledger over another. */
async function paymentsWith(ledger: Partial<LedgerServiceServicer>): Promise<PaymentsServiceClient> {
  const upstream = await startTestServer([bindLedgerService({ ...WORKING_LEDGER, ...ledger })]);
  closing.push(() => upstream.close());
  const servicer = new PaymentsServicer(new LedgerServiceClient(upstream.channel));
  const server = await startTestServer([bindPaymentsService(servicer, { errors: UPSTREAM_ERRORS })]);
  closing.push(() => server.close());
  return new PaymentsServiceClient(server.channel);
}

describe("Pay", () => {
  it("transfers in the merchant's currency, under the payment's id", async () => {
    const seen: unknown[] = [];
    const payments = await paymentsWith({
      getAccount: async ({ accountId }) => ({
        account: { accountId, balance: { minorUnits: 0n, currencyCode: "CHF" } },
      }),
      transfer: async ({ requestId, transfer }) => {
        seen.push([requestId, transfer?.sourceAccountId, transfer?.destinationAccountId, transfer?.amount?.minorUnits]);
        seen.push(transfer?.amount?.currencyCode);
        return { replayed: true };
      },
    });
    expect(await payments.pay(PAYMENT)).toMatchObject({
      paymentId: "p-1",
      amount: { minorUnits: 500n, currencyCode: "CHF" },
      alreadyPaid: true,
    });
    expect(seen).toEqual([["p-1", "alice", "shop", 500n], "CHF"]);
  });

  it.each([
    [new InsufficientFundsError({ balance: "1", amount: "500", currency: "EUR" }), PaymentDeclinedError],
    [new AccountFrozenError({ account: "alice" }), PaymentDeclinedError],
    [new CurrencyMismatchError({ account: "alice", held: "USD", offered: "EUR" }), PaymentDeclinedError],
    [new AccountNotFoundError({ account: "alice" }), UnknownPartyError],
    [new DuplicateRequestError({ request_id: "p-1" }), DuplicatePaymentError],
    [new InvalidFieldError({ field: "transfer.amount.minor_units", problem: "must not be zero" }), InvalidPaymentError],
    [new SerializationConflictError(), TryAgainError],
    [new StaleAnchorError({ account: "alice", expected: "1", actual: "2" }), TryAgainError],
    [new StoreUnavailableError(), TryAgainError],
  ])("translates %s", async (refusal, expected) => {
    const payments = await paymentsWith({ transfer: () => Promise.reject(refusal) });
    const error = await payments.pay(PAYMENT).catch((error: unknown) => error);
    expect(error).toBeInstanceOf(expected);
    // The ledger's words stay with the ledger.
    expect(JSON.stringify(error)).not.toContain(refusal.code);
  });

  it("keeps the payer's balance to itself", async () => {
    const payments = await paymentsWith({
      transfer: () => Promise.reject(new InsufficientFundsError({ balance: "123456", amount: "5", currency: "EUR" })),
    });
    const result = await payments.pay.result(PAYMENT);
    expect(result.error).toMatchObject({ code: "PAYMENT_DECLINED", metadata: { reason: "insufficient_funds" } });
    expect(JSON.stringify([result.error, result.error?.message])).not.toContain("123456");
  });

  it("knows a merchant that the ledger doesn't", async () => {
    const payments = await paymentsWith({
      getAccount: ({ accountId }) => Promise.reject(new AccountNotFoundError({ account: accountId })),
    });
    const result = await payments.pay.result(PAYMENT);
    expect(result.error).toMatchObject({ code: "UNKNOWN_PARTY", metadata: { account: "shop" } });
  });

  it("asks to try again when the ledger is gone", async () => {
    const upstream = await startTestServer([bindLedgerService(WORKING_LEDGER)]);
    const servicer = new PaymentsServicer(new LedgerServiceClient(upstream.channel));
    const server = await startTestServer([bindPaymentsService(servicer, { errors: UPSTREAM_ERRORS })]);
    closing.push(() => server.close());
    await upstream.server.drain();
    await expect(new PaymentsServiceClient(server.channel).pay(PAYMENT)).rejects.toThrow(TryAgainError);
    await upstream.close();
  });

  it("doesn't pass a defect of the ledger on as its own status", async () => {
    const payments = await paymentsWith({ transfer: () => Promise.reject(new Error("a defect, with secrets")) });
    const error = await payments.pay(PAYMENT).catch((error: unknown) => error);
    expect(error).toBeInstanceOf(PaymentsUnknownError);
    expect((error as Error).message).not.toContain("secrets");
  });

  it("gives the ledger what remains of its caller's deadline", async () => {
    const remaining: number[] = [];
    const payments = await paymentsWith({
      getAccount: async (request, context) => {
        remaining.push(context.timeRemaining());
        return WORKING_LEDGER.getAccount(request, context);
      },
      transfer: async (request, context) => {
        remaining.push(context.timeRemaining());
        return WORKING_LEDGER.transfer(request, context);
      },
    });
    await payments.pay(PAYMENT, { timeoutMs: 60_000 });
    // Connected now. The contract gives GetAccount 1s and Transfer 2s: the lesser of that and what remains is what counts.
    remaining.length = 0;
    await payments.pay(PAYMENT, { timeoutMs: 1_900 });
    const [first = 0, second = 0] = remaining;
    expect(first).toBeLessThanOrEqual(1_000);
    expect(second).toBeLessThanOrEqual(1_900);
    expect(second).toBeGreaterThan(0);
  });

  it("ends the ledger's call when its own caller leaves", async () => {
    let aborted = false;
    const caller = new AbortController();
    const payments = await paymentsWith({
      transfer: (_, context) => {
        caller.abort();
        return new Promise((resolve) => {
          context.signal.addEventListener("abort", () => {
            aborted = true;
            resolve({});
          });
        });
      },
    });
    await expect(payments.pay(PAYMENT, { signal: caller.signal })).rejects.toThrow();
    await expect.poll(() => aborted, { timeout: 20_000 }).toBe(true);
  });

  it("is out of time when the ledger takes too long", async () => {
    const payments = await paymentsWith({
      transfer: (_, context) =>
        new Promise((resolve) => {
          context.signal.addEventListener("abort", () => resolve({}));
        }),
    });
    await expect(payments.pay(PAYMENT, { timeoutMs: 200 })).rejects.toThrow(PaymentsUnavailableError);
  });
});

describe("ListReceipts", () => {
  const entry = (minorUnits: bigint) => ({
    entry: { counterpartyAccountId: "alice", amount: { minorUnits, currencyCode: "EUR" } },
  });

  it("lists what came in, and not what went out", async () => {
    const payments = await paymentsWith({
      listEntries: async function* () {
        yield entry(500n);
        yield entry(-200n);
        yield entry(300n);
      },
    });
    const receipts = [];
    for await (const { payerAccountId, amount } of payments.listReceipts({ merchantAccountId: "shop" })) {
      receipts.push([payerAccountId, amount?.minorUnits]);
    }
    expect(receipts).toEqual([
      ["alice", 500n],
      ["alice", 300n],
    ]);
  });

  it("translates what the ledger throws", async () => {
    const payments = await paymentsWith({
      // biome-ignore lint/correctness/useYield: it fails before there is anything to yield
      listEntries: async function* ({ accountId }) {
        throw new AccountNotFoundError({ account: accountId });
      },
    });
    const receipts = payments.listReceipts({ merchantAccountId: "shop" })[Symbol.asyncIterator]();
    await expect(receipts.next()).rejects.toThrow(UnknownPartyError);
  });

  it("stops the ledger's stream when its caller leaves the loop", async () => {
    let stopped = false;
    const payments = await paymentsWith({
      listEntries: async function* (_, context) {
        context.signal.addEventListener("abort", () => {
          stopped = true;
        });
        for (;;) {
          yield entry(1n);
          await new Promise((resolve) => setImmediate(resolve));
        }
      },
    });
    for await (const _ of payments.listReceipts({ merchantAccountId: "shop" })) {
      break;
    }
    await expect.poll(() => stopped, { timeout: 20_000 }).toBe(true);
  });
});
