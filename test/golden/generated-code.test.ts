import { ContractError } from "@accord-grpc/runtime";
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { GetRequestSchema, Kind } from "./editions/gen/editions/v1/editions_pb.js";
import { getLogContext } from "./editions/gen/editions/v1/editions_servicer.js";
import { UPDATING } from "./golden-case.js";
import { BackError } from "./hostile/gen/hostile/v1/errors.js";
import { requestSchema } from "./hostile/gen/hostile/v1/hostile_pb.js";
import { hostileNewLogContext } from "./hostile/gen/hostile/v1/hostile_servicer.js";
import {
  AccountBlockedError,
  AccountNotFoundError,
  AccountSeizedError,
  DuplicateRequestError,
  InsufficientFundsError,
  LEDGER_ERROR_MAP,
  LedgerConflictError,
  LedgerError,
  LedgerPermissionDeniedError,
  QuotaError,
} from "./ledger/gen/ledger/v1/errors.js";
import { Currency, TransferRequestSchema, TransferResponseSchema } from "./ledger/gen/ledger/v1/ledger_pb.js";
import { transferLogContext, transferResponseLogContext } from "./ledger/gen/ledger/v1/ledger_servicer.js";
import { AccountNotFoundError as LedgerAccountNotFoundError } from "./packages/gen/ledger/v1/errors.js";
import {
  PAYMENTS_ERROR_MAP,
  AccountNotFoundError as PaymentAccountNotFoundError,
} from "./packages/gen/payments/v1/errors.js";

describe.skipIf(UPDATING)("an error's class", () => {
  it("carries what the contract says", () => {
    const cause = new Error("connection lost");
    const error = new InsufficientFundsError({ balance: "1", amount: "2" }, { cause });
    expect(error).toMatchObject({
      name: "InsufficientFundsError",
      code: "INSUFFICIENT_FUNDS",
      status: 9,
      message: "Balance 1 is below 2",
      metadata: { balance: "1", amount: "2" },
      cause,
    });
  });

  it("is one of its category, its package, and all contracts", () => {
    const error = new DuplicateRequestError({ request_id: "r" });
    for (const base of [LedgerConflictError, LedgerError, ContractError, Error]) {
      expect(error).toBeInstanceOf(base);
    }
    expect(error).not.toBeInstanceOf(LedgerPermissionDeniedError);
  });

  it("needs no argument if it declares no metadata", () => {
    expect(new AccountNotFoundError()).toMatchObject({ message: "No such account", metadata: {} });
  });

  it("extends that of its parent, and keeps its own code and message", () => {
    const error = new AccountSeizedError({ account: "a", docket_number: "7" });
    expect(error).toBeInstanceOf(AccountBlockedError);
    expect(error).toMatchObject({
      name: "AccountSeizedError",
      code: "ACCOUNT_SEIZED",
      message: "Account a is seized under 7",
      metadata: { account: "a", docket_number: "7" },
    });
    expect(new AccountBlockedError({ account: "a" })).toMatchObject({
      code: "ACCOUNT_BLOCKED",
      message: "Account a is blocked",
    });
  });

  it.each([undefined, {}, { message: undefined }])("has its own message with the options %j", (options) => {
    const metadata = { account: "a", docket_number: "7" };
    expect(new AccountSeizedError(metadata, options).message).toBe("Account a is seized under 7");
    expect(new AccountBlockedError(metadata, options).message).toBe("Account a is blocked");
  });

  it("has the message of the one who throws it, if there is one", () => {
    const metadata = { account: "a", docket_number: "7" };
    expect(new AccountSeizedError(metadata, { message: "No." }).message).toBe("No.");
    expect(new AccountBlockedError(metadata, { message: "No." }).message).toBe("No.");
  });

  it("has any text for a message", () => {
    expect(new QuotaError({ price: "5" }).message).toBe(`Say \`please\`, or pay $5: that's "it"`);
    const error = new BackError({ constructor: "A", class: "B", not: "C" });
    expect(error.message).toBe('`back`tick, $C A, \\ and "quotes" of B');
  });
});

describe.skipIf(UPDATING)("an error map", () => {
  it("knows its errors by code and by class", () => {
    expect(LEDGER_ERROR_MAP.domain).toBe("ledger.example.com");
    expect(LEDGER_ERROR_MAP.entryByCode("STALE_ANCHOR")?.entry).toMatchObject({ retryAfterMs: 150, status: 10 });
    const error = new AccountSeizedError({ account: "a", docket_number: "7" });
    expect(LEDGER_ERROR_MAP.entryOf(error)?.entry.code).toBe("ACCOUNT_SEIZED");
  });

  it("knows the errors of other packages that its methods declare", () => {
    const foreign = new LedgerAccountNotFoundError({ account: "a" });
    expect(PAYMENTS_ERROR_MAP.entryOf(foreign)?.map.domain).toBe("ledger.v1");
    expect(PAYMENTS_ERROR_MAP.entryOf(new PaymentAccountNotFoundError())?.map.domain).toBe("payments.v1");
  });
});

describe.skipIf(UPDATING)("a log context", () => {
  const contextOf = (init: MessageInitShape<typeof TransferRequestSchema>) =>
    transferLogContext(create(TransferRequestSchema, init));

  it("of an empty message leaves out what isn't there", () => {
    expect(contextOf({})).toEqual({
      request_id: "",
      settlement: undefined,
      within_ms: undefined,
      "transfer.amount": undefined,
      currency: undefined,
      "transfer.value_date": undefined,
      account: undefined,
      card: undefined,
      priority: undefined,
      payload_size: 0,
      note: undefined,
    });
  });

  it("has the fields of nested messages, enums by name, times in milliseconds, and masked values", () => {
    expect(
      contextOf({
        requestId: "r",
        transfer: { amount: 5n, currency: Currency.CHF, valueDate: { seconds: 1n, nanos: 5_000_000 } },
        payer: { case: "payerCard", value: { number: "4242424242424242" } },
        settlement: Currency.UNSPECIFIED,
        priority: 7n,
        payload: new Uint8Array(3),
        note: "n",
        within: { seconds: 2n },
      }),
    ).toEqual({
      request_id: "r",
      settlement: "CURRENCY_UNSPECIFIED",
      within_ms: 2000,
      "transfer.amount": 5n,
      currency: "CURRENCY_CHF",
      "transfer.value_date": 1005,
      account: undefined,
      card: "***4242",
      priority: 7n,
      payload_size: 3,
      note: "n",
    });
  });

  it("reads a oneof only if it holds that field", () => {
    const { account, card } = contextOf({ payer: { case: "payerAccount", value: "a" } });
    expect(account).toMatch(/^[0-9a-f]{16}$/);
    expect(card).toBeUndefined();
  });

  it("survives enum values and times that nobody knows", () => {
    const unknown = 99 as Currency;
    const context = contextOf({ transfer: { currency: unknown, valueDate: { seconds: 1n << 62n, nanos: -1 } } });
    expect(context.currency).toBe(99);
    expect(context["transfer.value_date"]).toBeTypeOf("number");
  });

  it("reads a response", () => {
    const response = create(TransferResponseSchema, { transfer: { booking: { id: "b" } } });
    expect(transferResponseLogContext(response)).toEqual({ "transfer.booking.id": "b" });
  });

  it("has the default values of fields with presence", () => {
    expect(getLogContext(create(GetRequestSchema, { inner: { kind: Kind.B } }))).toEqual({
      name: "nobody",
      kind: "KIND_A",
      inner_kind: "KIND_B",
      group_id: undefined,
    });
  });

  it("may have any key", () => {
    const context = hostileNewLogContext(create(requestSchema, { class: "c", case: "d" }));
    expect(Object.keys(context)).toContain("__proto__");
    expect(Object.getPrototypeOf(context)).toBe(Object.prototype);
  });
});
