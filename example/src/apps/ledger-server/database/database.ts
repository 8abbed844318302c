/** A value that is bound to a parameter of a statement. `bigint` is SQL's bigint; money is never a floating number. */
export type SqlValue = string | number | bigint | boolean | Date | null | readonly string[] | readonly bigint[];

/** Something that runs statements: a database, or one of its transactions. */
export interface Queryable {
  /**
   * Runs one statement.
   *
   * @typeParam Row what the statement selects. It is taken on trust: keep it beside the SQL.
   * @throws {DatabaseError} or one of its subclasses.
   */
  query<Row>(sql: string, values?: readonly SqlValue[]): Promise<Row[]>;
  /** Runs a script: several statements, without parameters. */
  execute(sql: string): Promise<void>;
}

/** How a transaction runs. */
export interface TransactionOptions {
  /**
   * `serializable`, the default: the outcome is as if transactions ran one after the other. The database ends those that
   * would break this; they are run again a few times before {@link SerializationFailure} is thrown.
   */
  readonly isolation?: "serializable" | "read committed";
  /** How long a statement may take, in milliseconds: usually what remains of a call. */
  readonly timeoutMs?: number;
}

/** Hears of notifications (`pg_notify`), which the database sends when the transaction that made them commits. */
export interface NotificationListener {
  notified(payload: string): void;
  /** Notifications may have been lost: anything may have changed. */
  interrupted(): void;
}

/** The ledger's database: PGlite in this process, or a PostgreSQL server. The SQL is the same. */
export interface Database extends Queryable {
  /** For people: `PGlite (in memory)`, `PostgreSQL at db.internal:5432/ledger`. Never with a password. */
  readonly description: string;
  /**
   * Runs `work` in a transaction, and commits if it resolves. `work` may run more than once, so it does nothing but talk
   * to `tx`.
   */
  transaction<T>(work: (tx: Queryable) => Promise<T>, options?: TransactionOptions): Promise<T>;
  /** Listens until the function that it resolves with is called. */
  listen(channel: string, listener: NotificationListener): Promise<() => Promise<void>>;
  close(): Promise<void>;
}

/** The one row of a statement that always returns one. */
export function single<Row>(rows: readonly Row[]): Row {
  const [row] = rows;
  if (row === undefined || rows.length > 1) {
    throw new Error(`expected one row, not ${rows.length}`);
  }
  return row;
}
