import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import type { Database, NotificationListener, Queryable, SqlValue, TransactionOptions } from "./database.js";
import { toDatabaseError } from "./database-errors.js";
import { retryTransaction } from "./retry-transaction.js";

/** The OID of `bigint`, which pg would otherwise hand out as a string. */
const INT8 = 20;
/** How long to wait for a connection, in milliseconds. */
const CONNECT_TIMEOUT_MS = 5_000;
/** How long to wait before connecting again for notifications, in milliseconds. */
const RELISTEN_MS = 1_000;
/** The longest that PostgreSQL's `statement_timeout` can express, in milliseconds. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1;

/**
 * Opens a PostgreSQL database.
 *
 * @param url `postgres://user:password@host:5432/database`
 * @throws {DatabaseError} The server can't be reached or refuses; nothing stays open.
 */
export async function openPostgres(url: string): Promise<Database> {
  const config: pg.ClientConfig = {
    connectionString: url,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    application_name: "ledger-server",
    types: {
      getTypeParser: ((oid: number, format?: "text") =>
        oid === INT8 ? BigInt : pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser,
    },
  };
  const pool = new pg.Pool(config);
  // A connection that breaks while nobody uses it. The pool drops it; the next query opens another, or fails for itself.
  pool.on("error", () => {});
  const database = new PostgresDatabase(pool, config, new URL(url));
  try {
    await database.query("select 1");
  } catch (error) {
    await database.close();
    throw error;
  }
  return database;
}

class PostgresDatabase implements Database {
  readonly description: string;
  readonly #pool: pg.Pool;
  readonly #config: pg.ClientConfig;

  constructor(pool: pg.Pool, config: pg.ClientConfig, url: URL) {
    this.#pool = pool;
    this.#config = config;
    this.description = `PostgreSQL at ${url.host}${url.pathname}`;
  }

  query<Row>(sql: string, values?: readonly SqlValue[]): Promise<Row[]> {
    return on(this.#pool).query<Row>(sql, values);
  }

  execute(sql: string): Promise<void> {
    return on(this.#pool).execute(sql);
  }

  transaction<T>(work: (tx: Queryable) => Promise<T>, options: TransactionOptions = {}): Promise<T> {
    return retryTransaction(() => this.#transactionOnce(work, options));
  }

  async #transactionOnce<T>(work: (tx: Queryable) => Promise<T>, options: TransactionOptions): Promise<T> {
    const client = await translated(() => this.#pool.connect());
    const tx = on(client);
    let broken: Error | undefined;
    const onError = (error: Error) => {
      broken = error;
    };
    // Without a listener, a connection that breaks between two statements would end the process.
    client.on("error", onError);
    try {
      await tx.execute(`begin isolation level ${options.isolation ?? "serializable"}${timeoutOf(options)}`);
      const result = await work(tx);
      // This is where a serialization failure shows, if not before.
      await tx.execute("commit");
      return result;
    } catch (error) {
      await tx.execute("rollback").catch((failure: Error) => {
        broken = failure;
      });
      throw error;
    } finally {
      client.off("error", onError);
      // A connection in an unknown state isn't used again.
      client.release(broken);
    }
  }

  async listen(channel: string, listener: NotificationListener): Promise<() => Promise<void>> {
    const stop = new AbortController();
    let client = await this.#listenOnce(channel, listener);
    const lost = () => {
      if (!stop.signal.aborted) {
        void reconnect();
      }
    };
    const reconnect = async (): Promise<void> => {
      for (;;) {
        try {
          await sleep(RELISTEN_MS, undefined, { signal: stop.signal });
          client = await this.#listenOnce(channel, listener);
          break;
        } catch {
          if (stop.signal.aborted) {
            return;
          }
        }
      }
      client.once("end", lost);
      listener.interrupted();
    };
    client.once("end", lost);
    return async () => {
      stop.abort();
      await client.end();
    };
  }

  // Notifications belong to a connection, so listening takes one that isn't the pool's.
  async #listenOnce(channel: string, listener: NotificationListener): Promise<pg.Client> {
    const client = new pg.Client(this.#config);
    // "end" follows every error; it is what counts.
    client.on("error", () => {});
    client.on("notification", ({ payload = "" }) => listener.notified(payload));
    try {
      await client.connect();
      await client.query(`listen ${pg.escapeIdentifier(channel)}`);
    } catch (error) {
      await client.end();
      throw toDatabaseError(error);
    }
    return client;
  }

  close(): Promise<void> {
    return this.#pool.end();
  }
}

function timeoutOf({ timeoutMs = Number.POSITIVE_INFINITY }: TransactionOptions): string {
  // The server gives up on a statement when its caller has: nobody waits for the result any more. Zero would be no limit.
  const ms = Math.max(1, Math.ceil(timeoutMs));
  return ms > MAX_TIMEOUT_MS ? "" : `; set local statement_timeout = ${ms}`;
}

function on(runner: pg.Pool | pg.PoolClient): Queryable {
  return {
    query: async <Row>(sql: string, values: readonly SqlValue[] = []) =>
      (await translated(() => runner.query(sql, [...values]))).rows as Row[],
    execute: async (sql) => {
      await translated(() => runner.query(sql));
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
