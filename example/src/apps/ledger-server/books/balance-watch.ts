import { AccountNotFoundError } from "../../../gen/ledger/v1/errors.js";
import type { Queryable } from "../database/database.js";
import { type Account, readAccounts } from "./account.js";

/**
 * One caller's view on balances that change.
 *
 * A change only marks its account; the balance is read when the caller is ready for it. However many changes there are
 * and however slowly they are read, a watch holds no more than the ids of its accounts, and the caller always ends up
 * with the latest balance.
 */
export class BalanceWatch implements AsyncIterable<Account> {
  readonly #database: Queryable;
  readonly #signal: AbortSignal;
  readonly #closed: () => void;
  /** The version that was told last, by account; -1 for one that is new. */
  readonly #told = new Map<string, bigint>();
  readonly #marked = new Set<string>();
  #ended = false;
  #failure: { readonly error: unknown } | undefined;
  #wake = () => {};

  /** @param closed called when the iteration is over, for whatever reason. */
  constructor(database: Queryable, signal: AbortSignal, closed: () => void) {
    this.#database = database;
    this.#signal = signal;
    this.#closed = closed;
  }

  /** Tells the balances of these accounts now, and whenever they change. */
  subscribe(accountIds: readonly string[]): void {
    for (const accountId of accountIds) {
      this.#told.set(accountId, -1n);
      this.#marked.add(accountId);
    }
    this.#wake();
  }

  /** Stops telling the balances of these accounts. */
  unsubscribe(accountIds: readonly string[]): void {
    for (const accountId of accountIds) {
      this.#told.delete(accountId);
      this.#marked.delete(accountId);
    }
  }

  /** The account may have changed. */
  changed(accountId: string): void {
    if (this.#told.has(accountId)) {
      this.#marked.add(accountId);
      this.#wake();
    }
  }

  /** Any account may have changed. */
  everythingChanged(): void {
    for (const accountId of this.#told.keys()) {
      this.#marked.add(accountId);
    }
    this.#wake();
  }

  /** Ends the iteration once everything that is marked is told. With an error, it ends at once, by throwing that. */
  end(failure?: { readonly error: unknown }): void {
    this.#ended = true;
    this.#failure ??= failure;
    this.#wake();
  }

  /** @throws {AccountNotFoundError} An account that was subscribed to doesn't exist. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Account> {
    const wake = () => this.#wake();
    this.#signal.addEventListener("abort", wake);
    try {
      while (!this.#signal.aborted) {
        if (this.#failure !== undefined) {
          throw this.#failure.error;
        }
        if (this.#marked.size > 0) {
          yield* this.#news();
        } else if (this.#ended) {
          return;
        } else {
          await new Promise<void>((resolve) => {
            this.#wake = resolve;
          });
        }
      }
    } finally {
      this.#signal.removeEventListener("abort", wake);
      this.#closed();
    }
  }

  async *#news(): AsyncGenerator<Account> {
    const accountIds = [...this.#marked];
    // Before reading: a change that comes while the database answers marks the account again.
    this.#marked.clear();
    const accounts = new Map(
      (await readAccounts(this.#database, accountIds)).map((account) => [account.accountId, account]),
    );
    for (const accountId of accountIds) {
      const told = this.#told.get(accountId);
      const account = accounts.get(accountId);
      if (told === undefined) {
        continue; // Unsubscribed in the meantime.
      }
      if (account === undefined) {
        throw new AccountNotFoundError({ account: accountId });
      }
      if (account.version > told) {
        this.#told.set(accountId, account.version);
        yield account;
      }
    }
  }
}
