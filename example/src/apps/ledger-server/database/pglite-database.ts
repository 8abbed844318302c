import { PGlite, type Transaction, types } from "@electric-sql/pglite";
import type { Database, NotificationListener, Queryable, SqlValue, TransactionOptions } from "./database.js";
import { toDatabaseError } from "./database-errors.js";
import { retryTransaction } from "./retry-transaction.js";

/**
 * Opens PostgreSQL inside this process (PGlite): nothing to install, and gone with the process unless it gets a folder.
 *
 * @param dataDir where it keeps its files; `undefined` keeps them in memory.
 */
export async function openPglite(dataDir?: string): Promise<Database> {
  const pglite = await PGlite.create({
    ...(dataDir === undefined ? {} : { dataDir }),
    parsers: { [types.INT8]: (text: string) => BigInt(text) },
  });
  return new PgliteDatabase(pglite, dataDir);
}

// PGlite has one connection. It runs transactions one after the other, so none of them ever loses a race, and a
// statement's time can't be limited: while it runs, so does nothing else in this process.
class PgliteDatabase implements Database {
  readonly description: string;
  readonly #pglite: PGlite;

  constructor(pglite: PGlite, dataDir: string | undefined) {
    this.#pglite = pglite;
    this.description = `PGlite (${dataDir ?? "in memory"})`;
  }

  query<Row>(sql: string, values?: readonly SqlValue[]): Promise<Row[]> {
    return on(this.#pglite).query<Row>(sql, values);
  }

  execute(sql: string): Promise<void> {
    return on(this.#pglite).execute(sql);
  }

  transaction<T>(work: (tx: Queryable) => Promise<T>, options: TransactionOptions = {}): Promise<T> {
    const { isolation = "serializable" } = options;
    return retryTransaction(() =>
      translated(() =>
        this.#pglite.transaction(async (transaction) => {
          await transaction.exec(`set transaction isolation level ${isolation}`);
          return work(on(transaction));
        }),
      ),
    );
  }

  listen(channel: string, listener: NotificationListener): Promise<() => Promise<void>> {
    return this.#pglite.listen(channel, (payload) => listener.notified(payload));
  }

  close(): Promise<void> {
    return this.#pglite.close();
  }
}

function on(runner: PGlite | Transaction): Queryable {
  return {
    query: async <Row>(sql: string, values: readonly SqlValue[] = []) =>
      (await translated(() => runner.query<Row>(sql, [...values]))).rows,
    execute: async (sql) => {
      await translated(() => runner.exec(sql));
    },
  };
}

async function translated<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw toDatabaseError(error);
  }
}
