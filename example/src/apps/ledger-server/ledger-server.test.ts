import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  AccountExistsError,
  AccountFrozenError,
  AccountNotFoundError,
  CurrencyMismatchError,
  DuplicateRequestError,
  InsufficientFundsError,
  InvalidFieldError,
  LedgerConflictError,
  LedgerError,
  LedgerUnknownError,
  SerializationConflictError,
  StaleAnchorError,
  StoreUnavailableError,
} from "../../gen/ledger/v1/errors.js";
import { sent, startTestLedger, type TestLedger, transferOf } from "../../testing/ledger.js";

// What callers see of the ledger, over a socket, with a channel as they would build it.

let server: TestLedger;
let ledger: TestLedger["ledger"];
let audit: TestLedger["audit"];

beforeAll(async () => {
  server = await startTestLedger();
  ({ ledger, audit } = server);
});
afterAll(() => server?.close());

describe("Transfer", () => {
  it("moves money, and tells what is left", async () => {
    const [source, destination] = [await server.accountWith(1000n), await server.accountWith(0n)];
    const booked = await ledger.transfer(transferOf(source, destination, 250n));
    expect(booked.sourceBalance).toMatchObject({ minorUnits: 750n, currencyCode: "EUR" });
    expect(booked.replayed).toBe(false);
    expect(await server.balanceOf(destination)).toBe(250n);
  });

  it("throws INSUFFICIENT_FUNDS with what the contract declares", async () => {
    const [source, destination] = [await server.accountWith(100n), await server.accountWith(0n)];
    const error = await ledger.transfer(transferOf(source, destination, 101n)).catch((error: unknown) => error);
    expect(error).toBeInstanceOf(InsufficientFundsError);
    expect(error).toBeInstanceOf(LedgerError);
    expect(error).toMatchObject({
      code: "INSUFFICIENT_FUNDS",
      message: "Balance 100 is below 101 (EUR, minor units)",
      metadata: { balance: "100", amount: "101", currency: "EUR" },
      remote: true,
    });
  });

  it("answers a repeated request with its first result, and books it once", async () => {
    const [source, destination] = [await server.accountWith(1000n), await server.accountWith(0n)];
    const request = { ...transferOf(source, destination, 400n), requestId: randomUUID() };
    const first = await ledger.transfer(request);
    const second = await ledger.transfer(request);
    expect(second).toEqual({ ...first, replayed: true });
    expect(await server.balanceOf(source)).toBe(600n);
  });

  it("throws DUPLICATE_REQUEST for another transfer under the same id", async () => {
    const [source, destination] = [await server.accountWith(1000n), await server.accountWith(0n)];
    const requestId = randomUUID();
    await ledger.transfer({ ...transferOf(source, destination, 1n), requestId });
    const error = await ledger
      .transfer({ ...transferOf(source, destination, 2n), requestId })
      .catch((error: unknown) => error);
    expect(error).toBeInstanceOf(DuplicateRequestError);
    expect(error).toMatchObject({ metadata: { request_id: requestId } });
  });

  it("makes up another request id for each call that has none", async () => {
    const [source, destination] = [await server.accountWith(1000n), await server.accountWith(0n)];
    const request = transferOf(source, destination, 10n);
    await ledger.transfer(request);
    expect((await ledger.transfer(request)).replayed).toBe(false);
    expect(await server.balanceOf(source)).toBe(980n);
  });

  it.each([
    ["an unknown account", AccountNotFoundError, async (): Promise<string> => "nobody"],
    ["another currency", CurrencyMismatchError, (): Promise<string> => server.accountWith(0n, "USD")],
    [
      "a frozen account",
      AccountFrozenError,
      async (): Promise<string> => {
        const accountId = await server.accountWith(0n);
        await audit.setAccountFrozen({ accountId, frozen: true });
        return accountId;
      },
    ],
    ["a clearing account", InvalidFieldError, async (): Promise<string> => "clearing-eur"],
  ])("refuses %s", async (_, expected, destination) => {
    const source = await server.accountWith(100n);
    await expect(ledger.transfer(transferOf(source, await destination(), 10n))).rejects.toThrow(expected);
    expect(await server.balanceOf(source)).toBe(100n);
  });
});

describe("a request that breaks the rules of its proto", () => {
  const OPENING = { accountId: "ada", holderName: "Ada", iban: "DE02120300000000202051", currencyCode: "EUR" };
  const LINE = { reference: "line-1", accountId: "ada", amount: { minorUnits: 1n, currencyCode: "EUR" } };
  const TRANSFER = { sourceAccountId: "ada", destinationAccountId: "bob", amount: LINE.amount };
  const open = (change: Partial<typeof OPENING>) => () => ledger.openAccount.result({ ...OPENING, ...change });
  const book = (change: object) => () => ledger.importEntries.result(sent([{ ...LINE, ...change }]));
  const PATTERN = expect.stringContaining("regex pattern");

  it.each([
    ["an id in capitals", open({ accountId: "Ada" }), "account_id", PATTERN],
    ["an id of two letters", open({ accountId: "ab" }), "account_id", PATTERN],
    ["an id of 41 letters", open({ accountId: "a".repeat(41) }), "account_id", PATTERN],
    ["a clearing account", open({ accountId: "clearing-usd" }), "account_id", expect.stringContaining("clearing-")],
    ["a blank name", open({ holderName: " \t" }), "holder_name", PATTERN],
    ["a name of 201 characters", open({ holderName: "ä".repeat(201) }), "holder_name", expect.stringContaining("200")],
    ["what is no IBAN", open({ iban: "DE0" }), "iban", PATTERN],
    ["what is no currency", open({ currencyCode: "euro" }), "currency_code", PATTERN],
    ["no transfer", () => ledger.transfer.result({}), "transfer", "value is required"],
    [
      "no amount",
      () => ledger.transfer.result({ transfer: { sourceAccountId: "ada" } }),
      "transfer.amount",
      "value is required",
    ],
    [
      "an amount of no currency",
      () => ledger.transfer.result({ transfer: { ...TRANSFER, amount: { minorUnits: 1n, currencyCode: "" } } }),
      "transfer.amount.currency_code",
      PATTERN,
    ],
    [
      "a request id of 101 characters",
      () => ledger.transfer.result({ transfer: TRANSFER, requestId: "x".repeat(101) }),
      "request_id",
      expect.stringContaining("100"),
    ],
    ["a line without a reference", book({ reference: "" }), "reference", expect.stringContaining("1")],
    ["a line without an amount", book({ amount: undefined }), "amount", "value is required"],
  ])("is refused for %s", async (_, call, field, problem) => {
    const { error } = await call();
    if (!(error instanceof InvalidFieldError)) {
      return expect.unreachable();
    }
    expect(error).toMatchObject({ remote: true, metadata: { field, problem } });
    expect(error.badRequest?.fieldViolations).toMatchObject([{ field, description: problem }]);
  });

  it("tells all of them at once, and quotes nothing of a field that is redacted", async () => {
    const { error } = await ledger.openAccount.result({
      ...OPENING,
      iban: "secret",
      holderName: "",
      currencyCode: "€",
    });
    if (!(error instanceof InvalidFieldError)) {
      return expect.unreachable();
    }
    const fields = error.badRequest?.fieldViolations.map(({ field }) => field);
    expect(fields).toEqual(["holder_name", "iban", "currency_code"]);
    expect(error.metadata.field).toBe("holder_name");
    expect(JSON.stringify([error.message, error.metadata, error.badRequest])).not.toContain("secret");
  });
});

describe("what the database says", () => {
  // Real errors of the database, with the SQLSTATE that the memo asks for. A sequence counts the attempts: unlike
  // everything else, it isn't undone with the transaction.
  beforeAll(() =>
    server.database.execute(`
      create sequence attempts;
      create function misbehave() returns trigger language plpgsql as $$
      declare words text[] := string_to_array(new.memo, ' ');
      begin
        if words[1] = 'raise' then
          if nextval('attempts') <= words[3]::int then
            raise exception 'secret internals' using errcode = words[2];
          end if;
        end if;
        return new;
      end $$;
      create trigger misbehave before insert on transfers for each row execute function misbehave()`),
  );

  /** How often the database was asked while `call` ran. */
  const attemptsOf = async (call: () => Promise<unknown>): Promise<number> => {
    await server.database.query("select setval('attempts', 1, false)");
    await call();
    const [row] = await server.database.query<{ next: bigint }>("select nextval('attempts') as next");
    return Number(row?.next ?? 0n) - 1;
  };

  it("sends a transfer again that lost a race, until it is through", async () => {
    const [source, destination] = [await server.accountWith(100n), await server.accountWith(0n)];
    // The server tries four times, so this takes a second call, which only the client's retry policy can make.
    const attempts = await attemptsOf(() => ledger.transfer(transferOf(source, destination, 10n, "raise 40001 6")));
    expect(attempts).toBe(7);
    expect(await server.balanceOf(source)).toBe(90n);
  });

  it("throws SERIALIZATION_CONFLICT once the contract's attempts are used up", async () => {
    const [source, destination] = [await server.accountWith(100n), await server.accountWith(0n)];
    const call = ledger.transfer(transferOf(source, destination, 10n, "raise 40001 1000"), { timeoutMs: 30_000 });
    const attempts = await attemptsOf(() => expect(call).rejects.toThrow(SerializationConflictError));
    // Four by the server in each of five by the client.
    expect(attempts).toBe(20);
  });

  it("doesn't send a transfer again whose anchor is stale", async () => {
    const [source, destination] = [await server.accountWith(100n), await server.accountWith(0n)];
    const request = { ...transferOf(source, destination, 10n, "raise 00000 0"), anchor: 7n };
    const attempts = await attemptsOf(async () => {
      const result = await ledger.transfer.result(request);
      expect(result.error).toBeInstanceOf(StaleAnchorError);
      expect(result.error).toBeInstanceOf(LedgerConflictError);
      expect(result.error?.metadata).toEqual({ account: source, expected: "7", actual: "1" });
    });
    expect(attempts).toBe(1);
  });

  it("throws STORE_UNAVAILABLE when the database goes down", async () => {
    const [source, destination] = [await server.accountWith(100n), await server.accountWith(0n)];
    const call = ledger.transfer(transferOf(source, destination, 10n, "raise 57P01 1000"));
    await expect(call).rejects.toThrow(StoreUnavailableError);
  });

  it("tells nothing of an error that nobody expected", async () => {
    const [source, destination] = [await server.accountWith(100n), await server.accountWith(0n)];
    const error = await ledger
      .transfer(transferOf(source, destination, 10n, "raise P0001 1000"))
      .catch((error: unknown) => error);
    expect(error).toBeInstanceOf(LedgerUnknownError);
    expect(String((error as Error).message)).not.toContain("secret");
  });

  it("throws ACCOUNT_EXISTS for an IBAN that is taken", async () => {
    const iban = "DE02370502990000684712";
    const particulars = { holderName: "Somebody", iban, currencyCode: "EUR" };
    await ledger.openAccount({ ...particulars, accountId: `a-${randomUUID()}` });
    const error = await ledger
      .openAccount({ ...particulars, accountId: `a-${randomUUID()}` })
      .catch((error: unknown) => error);
    expect(error).toBeInstanceOf(AccountExistsError);
    expect(error).toMatchObject({ metadata: { field: "iban" } });
  });
});
