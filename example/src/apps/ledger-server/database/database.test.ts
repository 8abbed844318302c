import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { testDatabases } from "../../../testing/databases.js";
import { StartUpError } from "../../run-app.js";
import type { Database } from "./database.js";
import { DatabaseError, DatabaseUnavailable, SerializationFailure, UniqueViolation } from "./database-errors.js";
import { migrate } from "./migrate.js";
import { openDatabase } from "./open-database.js";

for (const { name, missing, open } of testDatabases) {
  describe.skipIf(missing !== undefined)(`${name}${missing === undefined ? "" : ` (skipped: ${missing})`}`, () => {
    let database: Database;

    beforeAll(async () => {
      database = await open();
      await database.execute("create table items (id text primary key, amount bigint not null)");
    });
    afterAll(async () => {
      await database?.close();
    });

    it("hands out bigint as bigint, beyond what a number can hold", async () => {
      const rows = await database.query<{ amount: bigint }>("select $1::bigint as amount", [9007199254740993n]);
      expect(rows).toEqual([{ amount: 9007199254740993n }]);
    });

    it("throws a UniqueViolation that names the constraint and the value", async () => {
      await database.query("insert into items values ($1, $2)", ["pen (blue)", 1n]);
      const again = database.query("insert into items values ($1, $2)", ["pen (blue)", 2n]);
      await expect(again).rejects.toThrow(UniqueViolation);
      await expect(again).rejects.toMatchObject({ constraint: "items_pkey", value: "pen (blue)", sqlState: "23505" });
    });

    it("keeps the SQLSTATE of everything else", async () => {
      const failed = database.query("select nothing from items");
      await expect(failed).rejects.toThrow(DatabaseError);
      await expect(failed).rejects.toMatchObject({ sqlState: "42703" });
    });

    it("undoes a transaction whose work throws, and passes the error on as it is", async () => {
      const error = new Error("changed my mind");
      const undone = database.transaction(async (tx) => {
        await tx.query("insert into items values ('undone', 1)");
        throw error;
      });
      await expect(undone).rejects.toBe(error);
      expect(await database.query("select * from items where id = 'undone'")).toEqual([]);
    });

    it("runs a transaction again after a serialization failure, and gives up in the end", async () => {
      let runs = 0;
      const conflict = (until: number) =>
        database.transaction(async (tx) => {
          runs += 1;
          if (runs < until) {
            await tx.execute("do $$ begin raise exception 'lost' using errcode = '40001'; end $$");
          }
          return runs;
        });
      expect(await conflict(3)).toBe(3);
      await expect(conflict(Number.POSITIVE_INFINITY)).rejects.toThrow(SerializationFailure);
    });

    it("tells a listener what a transaction announced, once it is committed", async () => {
      const heard: string[] = [];
      const unlisten = await database.listen("test_channel", {
        notified: (payload) => heard.push(payload),
        interrupted: () => heard.push("interrupted"),
      });
      await database
        .transaction(async (tx) => {
          await tx.query("select pg_notify('test_channel', 'undone')");
          throw new Error("no");
        })
        .catch(() => {});
      await database.query("select pg_notify('test_channel', 'done')");
      await expect.poll(() => heard, { timeout: 20_000 }).toEqual(["done"]);
      await unlisten();
    });

    it("is up to date, and finds nothing to do a second time", async () => {
      expect(await migrate(database)).toEqual([]);
    });
  });
}

describe("a database that can't be opened", () => {
  it("says in one line which one and why, without the password", async () => {
    // Port 1 of this machine: nobody listens there.
    const opened = openDatabase({ databaseUrl: "postgres://ledger:secret@127.0.0.1:1/books" });
    await expect(opened).rejects.toThrow(StartUpError);
    await expect(opened).rejects.toThrow(
      /^can't open the database at postgres:\/\/ledger@127\.0\.0\.1:1\/books: .*ECONNREFUSED.*$/,
    );
    await expect(opened).rejects.toMatchObject({ cause: expect.any(DatabaseUnavailable) });
  });

  it("says so when DATABASE_URL isn't a URL", async () => {
    await expect(openDatabase({ databaseUrl: "books" })).rejects.toThrow(/^can't open the database at DATABASE_URL: /);
  });
});

const postgresUrl = process.env.DATABASE_URL ?? "";

describe.skipIf(postgresUrl === "")("PostgreSQL alone (needs DATABASE_URL)", () => {
  const open = () => testDatabases[1]?.open() ?? Promise.reject(new Error("no PostgreSQL"));

  it("reports a real race between two transactions as a SerializationFailure", async () => {
    const database = await open();
    try {
      await database.execute("create table counters (id int primary key, value bigint not null)");
      await database.query("insert into counters values (1, 0)");
      const outcomes = await Promise.allSettled(
        Array.from({ length: 10 }, () =>
          database.transaction(async (tx) => {
            const [row] = await tx.query<{ value: bigint }>("select value from counters where id = 1");
            await tx.query("update counters set value = $1 where id = 1", [(row?.value ?? 0n) + 1n]);
          }),
        ),
      );
      const lost = outcomes.filter((outcome) => outcome.status === "rejected");
      for (const { reason } of lost) {
        expect(reason).toBeInstanceOf(SerializationFailure);
      }
      const [counter] = await database.query<{ value: bigint }>("select value from counters");
      expect(counter?.value).toBe(BigInt(outcomes.length - lost.length));
    } finally {
      await database.close();
    }
  });

  it("ends a statement when the caller's time is up", async () => {
    const database = await open();
    try {
      const slow = database.transaction((tx) => tx.query("select pg_sleep(30)"), { timeoutMs: 50 });
      await expect(slow).rejects.toMatchObject({ sqlState: "57014" });
    } finally {
      await database.close();
    }
  });

  it("listens again after its connection is lost, and says that it may have missed something", async () => {
    const database = await open();
    try {
      const heard: string[] = [];
      const unlisten = await database.listen("test_relisten", {
        notified: (payload) => heard.push(payload),
        interrupted: () => heard.push("interrupted"),
      });
      await database.query(
        "select pg_terminate_backend(pid) from pg_stat_activity where query = 'listen \"test_relisten\"'",
      );
      await expect.poll(() => heard, { timeout: 20_000 }).toEqual(["interrupted"]);
      await database.query("select pg_notify('test_relisten', 'again')");
      await expect.poll(() => heard, { timeout: 20_000 }).toEqual(["interrupted", "again"]);
      await unlisten();
    } finally {
      await database.close();
    }
  });

  it("lets servers start side by side: one of them migrates", async () => {
    const database = await open();
    try {
      await database.execute("drop table entries, statement_lines, transfers, accounts, migrations");
      const runs = await Promise.all([migrate(database), migrate(database), migrate(database)]);
      expect(runs.filter((names) => names.length > 0)).toHaveLength(1);
    } finally {
      await database.close();
    }
  });
});
