import { randomUUID } from "node:crypto";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { InsufficientFundsError } from "../../../gen/ledger/v1/errors.js";
import { testDatabases } from "../../../testing/databases.js";
import type { Database } from "../database/database.js";
import { SerializationFailure, UniqueViolation } from "../database/database-errors.js";
import { openAccount, readAccount, setAccountFrozen } from "./account.js";
import { listEntries } from "./entry.js";
import { importStatement, type StatementLine } from "./statement-import.js";
import { bookTransfer, type TransferOrder } from "./transfer.js";
import { verifyBooks } from "./verify.js";

for (const { name, missing, open } of testDatabases) {
  describe.skipIf(missing !== undefined)(`${name}${missing === undefined ? "" : ` (skipped: ${missing})`}`, () => {
    let database: Database;

    beforeAll(async () => {
      database = await open();
    });
    afterAll(async () => {
      await database?.close();
    });

    /** Opens an account with money on it. */
    const accountWith = async (minorUnits: bigint, currencyCode = "EUR"): Promise<string> => {
      const accountId = `a-${randomUUID()}`;
      await openAccount(database, { accountId, holderName: "Somebody", iban: "", currencyCode });
      if (minorUnits !== 0n) {
        await importLines([line(accountId, minorUnits, currencyCode)]);
      }
      return accountId;
    };
    const balanceOf = async (accountId: string) => (await readAccount(database, accountId)).balance;
    const importLines = (lines: Iterable<StatementLine>) =>
      importStatement(database, fromIterable(lines), () => Number.POSITIVE_INFINITY);
    const expectBalanced = async () => {
      const { wrongAccountIds, totals } = await verifyBooks(database);
      expect(wrongAccountIds).toEqual([]);
      expect(totals.filter(({ minorUnits }) => minorUnits !== 0n)).toEqual([]);
    };

    it("keeps every balance right, whatever runs at the same time", { timeout: 120_000 }, async () => {
      const transfer = fc.record({
        source: fc.nat(3),
        destination: fc.nat(3),
        minorUnits: fc.bigInt(1n, 60n),
        // Few request ids, so that some of them are used again, for the same transfer and for others.
        request: fc.nat(30),
      });
      await fc.assert(
        fc.asyncProperty(fc.array(transfer, { minLength: 20, maxLength: 40 }), async (transfers) => {
          const accountIds = await Promise.all([100n, 100n, 100n, 100n].map((balance) => accountWith(balance)));
          const run = randomUUID();
          const orders = transfers
            .filter(({ source, destination }) => source !== destination)
            .map(({ source, destination, minorUnits, request }) =>
              order(accountIds[source] ?? "", accountIds[destination] ?? "", minorUnits, `${run}-${request}`),
            );
          const outcomes = await Promise.allSettled(orders.map((order) => bookTransfer(database, order)));

          const expected = new Map(accountIds.map((accountId) => [accountId, 100n]));
          const booked = new Set<bigint>();
          for (const [index, outcome] of outcomes.entries()) {
            const { sourceAccountId, destinationAccountId, minorUnits } = orders[index] ?? order("", "", 0n, "");
            if (outcome.status === "rejected") {
              // Refused for a reason, or lost too many races: never for a defect.
              expect([InsufficientFundsError, UniqueViolation, SerializationFailure]).toContain(
                outcome.reason.constructor,
              );
            } else if (!booked.has(outcome.value.transferId)) {
              booked.add(outcome.value.transferId);
              expected.set(sourceAccountId, (expected.get(sourceAccountId) ?? 0n) - minorUnits);
              expected.set(destinationAccountId, (expected.get(destinationAccountId) ?? 0n) + minorUnits);
            }
          }
          for (const [accountId, balance] of expected) {
            expect(await balanceOf(accountId)).toBe(balance);
            expect(balance).toBeGreaterThanOrEqual(0n);
          }
          await expectBalanced();
        }),
        { numRuns: 8 },
      );
    });

    it("books a request once, however often it arrives at the same moment", async () => {
      const source = await accountWith(500n);
      const destination = await accountWith(0n);
      const request = order(source, destination, 100n, randomUUID());
      const bookings = await Promise.all(Array.from({ length: 5 }, () => bookTransfer(database, request)));
      expect(bookings.filter(({ replayed }) => !replayed)).toHaveLength(1);
      expect(new Set(bookings.map(({ transferId }) => transferId)).size).toBe(1);
      expect(await balanceOf(source)).toBe(400n);
    });

    it("answers a repetition with the original result, although the account has changed since", async () => {
      const source = await accountWith(100n);
      const destination = await accountWith(0n);
      const { version } = await readAccount(database, source);
      const request = { ...order(source, destination, 60n, randomUUID()), anchor: version };
      const first = await bookTransfer(database, request);
      expect(first).toMatchObject({ sourceBalance: 40n, sourceVersion: version + 1n, replayed: false });
      await bookTransfer(database, order(source, destination, 40n, randomUUID()));
      await setAccountFrozen(database, source, true);

      expect(await bookTransfer(database, request)).toEqual({ ...first, replayed: true });
      expect(await balanceOf(source)).toBe(0n);
    });

    it.each([
      ["amount", { minorUnits: 11n }],
      ["memo", { memo: "something else" }],
    ])("refuses a request id that was used with another %s", async (_, change) => {
      const source = await accountWith(100n);
      const request = order(source, await accountWith(0n), 10n, randomUUID());
      await bookTransfer(database, request);
      await expect(bookTransfer(database, { ...request, ...change })).rejects.toMatchObject({
        constraint: "transfers_request_id_key",
        value: request.requestId,
      });
      expect(await balanceOf(source)).toBe(90n);
    });

    it("leaves the request id of a refused transfer free", async () => {
      const source = await accountWith(10n);
      const request = order(source, await accountWith(0n), 50n, randomUUID());
      await expect(bookTransfer(database, request)).rejects.toThrow(InsufficientFundsError);
      await importLines([line(source, 100n)]);
      expect(await bookTransfer(database, request)).toMatchObject({ sourceBalance: 60n, replayed: false });
    });

    it("refuses what can't be booked, and books nothing", async () => {
      const source = await accountWith(100n);
      const destination = await accountWith(0n);
      const dollars = await accountWith(0n, "USD");
      const frozen = await accountWith(0n);
      await setAccountFrozen(database, frozen, true);
      const { version } = await readAccount(database, source);
      const refused = (change: Partial<TransferOrder>) =>
        expect(bookTransfer(database, { ...order(source, destination, 10n, randomUUID()), ...change })).rejects;

      await refused({ minorUnits: 101n }).toMatchObject({
        code: "INSUFFICIENT_FUNDS",
        metadata: { balance: "100", amount: "101", currency: "EUR" },
      });
      await refused({ anchor: version - 1n }).toMatchObject({
        code: "STALE_ANCHOR",
        metadata: { account: source, expected: String(version - 1n), actual: String(version) },
      });
      await refused({ destinationAccountId: "nobody" }).toMatchObject({
        code: "ACCOUNT_NOT_FOUND",
        metadata: { account: "nobody" },
      });
      await refused({ destinationAccountId: frozen }).toMatchObject({ code: "ACCOUNT_FROZEN" });
      await refused({ destinationAccountId: dollars }).toMatchObject({
        code: "CURRENCY_MISMATCH",
        metadata: { account: dollars, held: "USD", offered: "EUR" },
      });
      await refused({ destinationAccountId: source }).toMatchObject({ code: "INVALID_FIELD" });
      await refused({ destinationAccountId: "clearing-eur" }).toMatchObject({ code: "INVALID_FIELD" });
      await refused({ minorUnits: 0n }).toMatchObject({ code: "INVALID_FIELD" });
      await refused({ minorUnits: -10n }).toMatchObject({ code: "INVALID_FIELD" });
      expect(await balanceOf(source)).toBe(100n);
      await expectBalanced();
    });

    it("opens an account once: the same particulars find it, others are refused", async () => {
      const accountId = `a-${randomUUID()}`;
      const iban = `DE00${randomUUID().replaceAll("-", "").slice(0, 18).toUpperCase()}`;
      const particulars = { accountId, holderName: "Ada", iban, currencyCode: "EUR" };
      const opened = await openAccount(database, particulars);
      expect(await openAccount(database, particulars)).toEqual(opened);
      await expect(openAccount(database, { ...particulars, holderName: "Eve" })).rejects.toMatchObject({
        code: "ACCOUNT_EXISTS",
        metadata: { field: "account_id" },
      });
      await expect(openAccount(database, { ...particulars, accountId: `${accountId}b` })).rejects.toMatchObject({
        constraint: "accounts_iban_key",
      });
    });

    it("imports a statement in batches, and skips what it has seen", async () => {
      const accountId = await accountWith(0n);
      const lines = Array.from({ length: 450 }, () => line(accountId, 2n));
      // The statement breaks off at a line for an account that isn't there. Whole batches before it stay.
      await expect(importLines([...lines, line("nobody", 1n)])).rejects.toMatchObject({ code: "ACCOUNT_NOT_FOUND" });
      expect(await balanceOf(accountId)).toBe(800n);

      expect(await importLines([...lines, ...lines.slice(0, 10)])).toEqual({ booked: 50, skipped: 410 });
      expect(await balanceOf(accountId)).toBe(900n);
      await expectBalanced();
    });

    it("refuses a line that takes more than there is, counting the lines before it", async () => {
      const accountId = await accountWith(0n);
      const lines = [line(accountId, 30n), line(accountId, -20n), line(accountId, -11n)];
      await expect(importLines(lines)).rejects.toMatchObject({
        code: "INSUFFICIENT_FUNDS",
        metadata: { balance: "10", amount: "11" },
      });
      expect(await importLines(lines.slice(0, 2))).toEqual({ booked: 2, skipped: 0 });
    });

    it("lists entries in order and in full, with the balance after each", async () => {
      const accountId = await accountWith(0n);
      await importLines(Array.from({ length: 401 }, () => line(accountId, 1n)));
      const entries = [];
      for await (const entry of listEntries(database, accountId, 0n)) {
        entries.push(entry);
      }
      expect(entries.map(({ balance }) => balance)).toEqual(
        Array.from({ length: 401 }, (_, index) => BigInt(index + 1)),
      );

      const after = entries[399]?.entryId ?? 0n;
      const rest = [];
      for await (const entry of listEntries(database, accountId, after)) {
        rest.push(entry);
      }
      expect(rest).toEqual(entries.slice(400));
    });

    it("finds a balance that isn't the sum of its entries", async () => {
      const accountId = await accountWith(50n);
      await database.query("update accounts set balance = 51 where account_id = $1", [accountId]);
      expect((await verifyBooks(database)).wrongAccountIds).toEqual([accountId]);
      await database.query("update accounts set balance = 50 where account_id = $1", [accountId]);
    });
  });
}

function order(sourceAccountId: string, destinationAccountId: string, minorUnits: bigint, requestId: string) {
  return {
    requestId,
    sourceAccountId,
    destinationAccountId,
    minorUnits,
    currencyCode: "EUR",
    memo: "",
    anchor: undefined,
  };
}

function line(accountId: string, minorUnits: bigint, currencyCode = "EUR"): StatementLine {
  return { reference: randomUUID(), accountId, minorUnits, currencyCode, memo: "" };
}

async function* fromIterable<T>(values: Iterable<T>): AsyncGenerator<T> {
  yield* values;
}
