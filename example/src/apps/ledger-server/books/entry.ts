import { type Queryable, single } from "../database/database.js";
import { readAccount } from "./account.js";

/** A line of an account. */
export interface Entry {
  readonly entryId: bigint;
  readonly accountId: string;
  readonly counterpartyAccountId: string;
  /** Negative if it takes. */
  readonly minorUnits: bigint;
  /** What was on the account afterwards. */
  readonly balance: bigint;
  readonly currencyCode: string;
  readonly memo: string;
  readonly bookTime: Date;
}

/** How many entries are held in memory at once for a reader, however slow it is. */
const PAGE = 200;

/**
 * Lists an account's entries, the oldest first, as far as they are there when the listing starts.
 *
 * It reads page by page, and the next page when the last one is consumed: no transaction, cursor or connection waits for
 * a slow reader.
 *
 * @throws {AccountNotFoundError} when the listing starts.
 */
export async function* listEntries(from: Queryable, accountId: string, afterEntryId: bigint): AsyncGenerator<Entry> {
  const { currencyCode } = await readAccount(from, accountId);
  const { last } = single(
    await from.query<{ last: bigint }>("select coalesce(max(entry_id), 0) as last from entries where account_id = $1", [
      accountId,
    ]),
  );
  let after = afterEntryId;
  for (;;) {
    const entries = await from.query<Omit<Entry, "currencyCode">>(
      `select entry_id as "entryId", account_id as "accountId", counterparty_account_id as "counterpartyAccountId",
         minor_units as "minorUnits", balance, memo, book_time as "bookTime"
       from entries where account_id = $1 and entry_id > $2 and entry_id <= $3 order by entry_id limit ${PAGE}`,
      [accountId, after, last],
    );
    for (const entry of entries) {
      yield { ...entry, currencyCode };
      after = entry.entryId;
    }
    if (entries.length < PAGE) {
      return;
    }
  }
}
