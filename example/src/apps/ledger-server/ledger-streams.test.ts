import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { MessageInitShape } from "@bufbuild/protobuf";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Outbox } from "../../clients/outbox.js";
import { AccountNotFoundError, LedgerUnavailableError } from "../../gen/ledger/v1/errors.js";
import type { WatchRequestSchema } from "../../gen/ledger/v1/ledger_pb.js";
import { sent, startTestLedger, type TestLedger, transferOf } from "../../testing/ledger.js";

let server: TestLedger;
let ledger: TestLedger["ledger"];

beforeAll(async () => {
  server = await startTestLedger();
  ({ ledger } = server);
});
afterAll(() => server?.close());

describe("streams", () => {
  it("lists the entries of an account", async () => {
    const [source, destination] = [await server.accountWith(100n), await server.accountWith(0n)];
    await ledger.transfer(transferOf(source, destination, 30n, "first"));
    await ledger.transfer(transferOf(source, destination, 20n, "second"));
    const seen = [];
    for await (const { entry } of ledger.listEntries({ accountId: source })) {
      seen.push([entry?.amount?.minorUnits, entry?.balance?.minorUnits, entry?.counterpartyAccountId, entry?.memo]);
    }
    expect(seen).toEqual([
      [100n, 100n, "clearing-eur", ""],
      [-30n, 70n, destination, "first"],
      [-20n, 50n, destination, "second"],
    ]);
  });

  it("throws from the iteration what the listing throws", async () => {
    const list = async () => {
      for await (const _ of ledger.listEntries({ accountId: "nobody" })) {
        // There is nothing to see.
      }
    };
    await expect(list()).rejects.toThrow(AccountNotFoundError);
  });

  it("follows the entries of an account: those that are there, and each that comes", async () => {
    const [source, destination] = [await server.accountWith(100n), await server.accountWith(0n)];
    const seen: (bigint | undefined)[] = [];
    for await (const { entry } of ledger.followEntries({ accountId: source }, { timeoutMs: 20_000 })) {
      seen.push(entry?.amount?.minorUnits);
      if (seen.length === 3) {
        break;
      }
      await ledger.transfer(transferOf(source, destination, BigInt(seen.length)));
    }
    expect(seen).toEqual([100n, -1n, -2n]);
  });

  it("follows on behind an entry, and not an account that isn't there", async () => {
    const [source, destination] = [await server.accountWith(100n), await server.accountWith(0n)];
    const iterator = ledger.listEntries({ accountId: source })[Symbol.asyncIterator]();
    const afterEntryId = (await iterator.next()).value?.entry?.entryId ?? 0n;
    await ledger.transfer(transferOf(source, destination, 7n));
    for await (const { entry } of ledger.followEntries({ accountId: source, afterEntryId }, { timeoutMs: 20_000 })) {
      expect(entry?.amount?.minorUnits).toBe(-7n);
      break;
    }
    const nobody = ledger.followEntries({ accountId: "nobody" }, { timeoutMs: 20_000 })[Symbol.asyncIterator]();
    await expect(nobody.next()).rejects.toBeInstanceOf(AccountNotFoundError);
  });

  it("imports lines, and skips them the second time", async () => {
    const accountId = await server.accountWith(0n);
    const statement = Array.from({ length: 300 }, () => ({
      reference: randomUUID(),
      accountId,
      amount: { minorUnits: 1n, currencyCode: "EUR" },
    }));
    expect(await ledger.importEntries(sent(statement))).toMatchObject({ booked: 300n, skipped: 0n });
    expect(await ledger.importEntries(sent(statement))).toMatchObject({ booked: 0n, skipped: 300n });
    expect(await server.balanceOf(accountId)).toBe(300n);
  });

  it("ends an import at a line that can't be booked", async () => {
    const result = await ledger.importEntries.result(
      sent([{ reference: randomUUID(), accountId: "nobody", amount: { minorUnits: 1n, currencyCode: "EUR" } }]),
    );
    expect(result.error).toBeInstanceOf(AccountNotFoundError);
  });

  it("ends with the caller's deadline", async () => {
    const endless = async function* () {
      for (;;) {
        await sleep(5);
        yield { reference: randomUUID(), accountId: "nobody", amount: { minorUnits: 1n, currencyCode: "EUR" } };
      }
    };
    const imported = ledger.importEntries(endless(), { timeoutMs: 100 });
    await expect(imported).rejects.toThrow(LedgerUnavailableError);
  });

  it("tells balances as they change, while the caller wants to know", async () => {
    const [source, first, second] = [
      await server.accountWith(100n),
      await server.accountWith(0n),
      await server.accountWith(0n),
    ];
    const requests = new Outbox<MessageInitShape<typeof WatchRequestSchema>>();
    const watch = ledger.watch(requests, { timeoutMs: 30_000 })[Symbol.asyncIterator]();
    const next = async () => {
      const { value, done } = await watch.next();
      return done ? "ended" : [value.accountId, value.balance?.minorUnits];
    };
    requests.send({ change: { case: "subscribe", value: { accountIds: [first] } } });
    expect(await next()).toEqual([first, 0n]);
    await ledger.transfer(transferOf(source, first, 10n));
    expect(await next()).toEqual([first, 10n]);

    requests.send({ change: { case: "unsubscribe", value: { accountIds: [first] } } });
    requests.send({ change: { case: "subscribe", value: { accountIds: [second] } } });
    expect(await next()).toEqual([second, 0n]);
    await ledger.transfer(transferOf(source, first, 10n));
    await ledger.transfer(transferOf(source, second, 10n));
    expect(await next()).toEqual([second, 10n]);

    requests.close();
    expect(await next()).toBe("ended");
  });

  it("ends a watch on an account that isn't there", async () => {
    const requests = new Outbox<MessageInitShape<typeof WatchRequestSchema>>();
    requests.send({ change: { case: "subscribe", value: { accountIds: ["nobody"] } } });
    const watch = ledger.watch(requests, { timeoutMs: 30_000 })[Symbol.asyncIterator]();
    await expect(watch.next()).rejects.toThrow(AccountNotFoundError);
    requests.close();
  });
});
