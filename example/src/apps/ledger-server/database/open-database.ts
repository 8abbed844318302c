import { StartUpError } from "../../run-app.js";
import type { Database } from "./database.js";
import { migrate } from "./migrate.js";
import { openPglite } from "./pglite-database.js";
import { openPostgres } from "./postgres-database.js";

/** Where the ledger keeps its books. */
export interface DatabaseSettings {
  /** A PostgreSQL server; without it, PGlite is used. */
  readonly databaseUrl?: string | undefined;
  /** PGlite's folder; without it, the books are gone with the process. */
  readonly dataDir?: string | undefined;
}

/**
 * Opens the database and brings it up to date.
 *
 * @throws {StartUpError} in one line: which database, and what is wrong.
 */
export async function openDatabase({ databaseUrl, dataDir }: DatabaseSettings): Promise<Database> {
  let database: Database;
  try {
    database = databaseUrl === undefined ? await openPglite(dataDir) : await openPostgres(databaseUrl);
  } catch (error) {
    const where = databaseUrl === undefined ? `in ${dataDir ?? "memory"}` : `at ${withoutPassword(databaseUrl)}`;
    throw new StartUpError(`can't open the database ${where}: ${reasonOf(error)}`, { cause: error });
  }
  try {
    await migrate(database);
  } catch (error) {
    await database.close();
    throw new StartUpError(`can't bring ${database.description} up to date: ${reasonOf(error)}`, { cause: error });
  }
  return database;
}

function withoutPassword(url: string): string {
  if (!URL.canParse(url)) {
    return "DATABASE_URL";
  }
  const parsed = new URL(url);
  parsed.password = "";
  parsed.search = "";
  return parsed.href;
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
