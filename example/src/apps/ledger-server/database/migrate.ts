import { readdir, readFile } from "node:fs/promises";
import type { Database } from "./database.js";

/** The same folder, seen from `src/apps/ledger-server/database` and from where it is compiled to. */
const MIGRATIONS = new URL("../../../../migrations/", import.meta.url);

/** Any number will do, as long as nothing else in the database uses it. */
const MIGRATION_LOCK = 507_415_160;

/**
 * Brings the database up to date: runs the scripts of `migrations/` that it hasn't seen, in the order of their names, all
 * of them or none.
 *
 * Servers that start at the same moment wait for each other.
 *
 * @returns the names of the scripts that were run.
 */
export async function migrate(database: Database): Promise<string[]> {
  const scripts = (await readdir(MIGRATIONS)).filter((name) => name.endsWith(".sql")).sort();
  return database.transaction(
    async (tx) => {
      await tx.query("select pg_advisory_xact_lock($1)", [MIGRATION_LOCK]);
      await tx.execute(
        "create table if not exists migrations (name text primary key, run_time timestamptz default now())",
      );
      const seen = new Set((await tx.query<{ name: string }>("select name from migrations")).map(({ name }) => name));
      const missing = scripts.filter((name) => !seen.has(name));
      for (const name of missing) {
        await tx.execute(await readFile(new URL(name, MIGRATIONS), "utf8"));
        await tx.query("insert into migrations (name) values ($1)", [name]);
      }
      return missing;
    },
    // Each statement must see what a server that held the lock before has done.
    { isolation: "read committed" },
  );
}
