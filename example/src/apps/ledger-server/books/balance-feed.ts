import type { Database, Queryable } from "../database/database.js";
import { BalanceWatch } from "./balance-watch.js";

const CHANNEL = "ledger_balance";

/** Tells everybody who watches that balances have changed, at the moment when the transaction commits. */
export async function announce(tx: Queryable, accountIds: readonly string[]): Promise<void> {
  await tx.query("select pg_notify($1, id) from unnest($2::text[]) as changed (id)", [CHANNEL, accountIds]);
}

/**
 * Hears of balances that change, and passes the news on to the watches of this process.
 *
 * The news comes through the database, so it doesn't matter which replica of the server made the change.
 */
export class BalanceFeed {
  readonly #database: Database;
  readonly #watches = new Set<BalanceWatch>();
  #unlisten: () => Promise<void> = async () => {};

  private constructor(database: Database) {
    this.#database = database;
  }

  /** Starts to listen. One feed serves all watches of a process. */
  static async open(database: Database): Promise<BalanceFeed> {
    const feed = new BalanceFeed(database);
    feed.#unlisten = await database.listen(CHANNEL, {
      notified: (accountId) => {
        for (const watch of feed.#watches) {
          watch.changed(accountId);
        }
      },
      interrupted: () => {
        for (const watch of feed.#watches) {
          watch.everythingChanged();
        }
      },
    });
    return feed;
  }

  /** Begins a watch without any accounts. It ends when `signal` is aborted, if not before. */
  watch(signal: AbortSignal): BalanceWatch {
    const watch = new BalanceWatch(this.#database, signal, () => this.#watches.delete(watch));
    this.#watches.add(watch);
    return watch;
  }

  /** Ends all watches, as if their callers had. */
  endWatches(): void {
    for (const watch of this.#watches) {
      watch.end();
    }
  }

  /** Stops listening, and ends what is left. */
  async close(): Promise<void> {
    this.endWatches();
    await this.#unlisten();
  }
}
