import { randomUUID } from "node:crypto";
import pg from "pg";
import type { Database } from "../apps/ledger-server/database/database.js";
import { openDatabase } from "../apps/ledger-server/database/open-database.js";

/** A database that tests run against. */
export interface TestDatabase {
  readonly name: string;
  /** Why it can't be used here. */
  readonly missing?: string;
  /** Opens an empty one, up to date. Closing it leaves nothing behind. */
  open(): Promise<Database>;
}

/** PGlite always; PostgreSQL where `DATABASE_URL` says that there is one. The tests are the same. */
export const testDatabases: readonly TestDatabase[] = [
  { name: "PGlite", open: () => openDatabase({}) },
  process.env.DATABASE_URL
    ? { name: "PostgreSQL", open: () => openSchema(process.env.DATABASE_URL ?? "") }
    : {
        name: "PostgreSQL",
        missing: "DATABASE_URL isn't set",
        open: () => Promise.reject(new Error("DATABASE_URL isn't set")),
      },
];

/** Opens a schema of its own in the database, so that test files don't meet, and nobody's books are touched. */
async function openSchema(databaseUrl: string): Promise<Database> {
  const schema = `test_${randomUUID().replaceAll("-", "")}`;
  await administer(databaseUrl, `create schema ${schema}`);
  const url = new URL(databaseUrl);
  url.searchParams.set("options", `-csearch_path=${schema}`);
  const database = await openDatabase({ databaseUrl: url.href });
  const close = database.close.bind(database);
  return Object.assign(database, {
    close: async () => {
      await close();
      await administer(databaseUrl, `drop schema ${schema} cascade`);
    },
  });
}

async function administer(databaseUrl: string, sql: string): Promise<void> {
  const client = new pg.Client(databaseUrl);
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
