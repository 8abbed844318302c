import { describe, expect, it, vi } from "vitest";
import { AccountNotFoundError } from "../../../gen/ledger/v1/errors.js";
import type { Queryable } from "../database/database.js";
import { BalanceWatch } from "./balance-watch.js";

/** A watch on accounts that the test sets, by version. */
function watchOn(accounts: Record<string, number>) {
  let queries = 0;
  const database: Queryable = {
    // It is asked for accounts by their ids, and for nothing else.
    query: async <Row>(_sql: string, [ids]: readonly unknown[] = []) => {
      queries += 1;
      return (ids as string[])
        .filter((id) => accounts[id] !== undefined)
        .map((id) => ({ accountId: id, version: BigInt(accounts[id] ?? 0) })) as Row[];
    },
    execute: () => Promise.reject(new Error("not expected")),
  };
  const caller = new AbortController();
  const closed = vi.fn();
  const watch = new BalanceWatch(database, caller.signal, closed);
  const told = watch[Symbol.asyncIterator]();
  const next = async () => {
    const { value, done } = await told.next();
    return done ? "ended" : `${value.accountId}@${value.version}`;
  };
  return { watch, next, caller, closed, told, queries: () => queries };
}

describe("BalanceWatch", () => {
  it("tells an account at once, and then whenever its version has grown", async () => {
    const accounts = { alice: 1 };
    const { watch, next } = watchOn(accounts);
    watch.subscribe(["alice"]);
    expect(await next()).toBe("alice@1");

    const later = next();
    watch.changed("alice"); // A notification that is late: this change was told already.
    accounts.alice = 2;
    watch.changed("alice");
    expect(await later).toBe("alice@2");
  });

  it("skips what a slow caller missed, and reads once for all of it", async () => {
    const accounts = { alice: 1, bob: 1 };
    const { watch, next, queries } = watchOn(accounts);
    watch.subscribe(["alice", "bob"]);
    for (let version = 2; version <= 1000; version++) {
      accounts.alice = version;
      watch.changed("alice");
    }
    expect([await next(), await next()]).toEqual(["alice@1000", "bob@1"]);
    expect(queries()).toBe(1);
  });

  it("hears nothing of accounts that nobody subscribed to, or no more", async () => {
    const { watch, next } = watchOn({ alice: 1, bob: 1 });
    watch.subscribe(["alice", "bob"]);
    watch.unsubscribe(["alice"]);
    expect(await next()).toBe("bob@1");
    watch.changed("alice");
    watch.end();
    expect(await next()).toBe("ended");
  });

  it("looks at everything again after an interruption", async () => {
    const accounts = { alice: 1, bob: 1 };
    const { watch, next } = watchOn(accounts);
    watch.subscribe(["alice", "bob"]);
    expect([await next(), await next()]).toEqual(["alice@1", "bob@1"]);
    accounts.bob = 7;
    watch.everythingChanged();
    expect(await next()).toBe("bob@7");
  });

  it("tells what is left before it ends, and then it is closed", async () => {
    const { watch, next, closed } = watchOn({ alice: 1 });
    watch.subscribe(["alice"]);
    watch.end();
    expect([await next(), await next()]).toEqual(["alice@1", "ended"]);
    expect(closed).toHaveBeenCalledOnce();
  });

  it("throws when an account doesn't exist", async () => {
    const { watch, next, closed } = watchOn({});
    watch.subscribe(["nobody"]);
    await expect(next()).rejects.toThrow(AccountNotFoundError);
    expect(closed).toHaveBeenCalledOnce();
  });

  it("throws what it is ended with", async () => {
    const { watch, next } = watchOn({ alice: 1 });
    watch.subscribe(["alice"]);
    const error = new Error("the request stream broke");
    watch.end({ error });
    await expect(next()).rejects.toBe(error);
  });

  it("ends when its caller is gone, even while it waits", async () => {
    const { next, caller, closed } = watchOn({});
    const waiting = next();
    caller.abort();
    expect(await waiting).toBe("ended");
    expect(closed).toHaveBeenCalledOnce();
  });

  it("is closed when the caller leaves the loop", async () => {
    const { watch, next, told, closed } = watchOn({ alice: 1 });
    watch.subscribe(["alice"]);
    await next();
    await told.return?.(undefined);
    expect(closed).toHaveBeenCalledOnce();
  });
});
