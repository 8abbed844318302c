import type { Database, TransactionOptions } from "../database/database.js";

/** What adding everything up showed. */
export interface Verification {
  readonly accounts: number;
  /** Accounts whose balance isn't the sum of their entries. */
  readonly wrongAccountIds: readonly string[];
  /** What each currency adds up to over all accounts: zero, or something is wrong. */
  readonly totals: readonly { readonly currencyCode: string; readonly minorUnits: bigint }[];
}

/** Adds up every entry and compares the sums with the balances, all as of one moment. */
export function verifyBooks(database: Database, options?: TransactionOptions): Promise<Verification> {
  return database.transaction(async (tx) => {
    const wrong = await tx.query<{ accountId: string }>(
      `select account_id as "accountId" from accounts left join
         (select account_id, sum(minor_units) as sum from entries group by account_id) as sums using (account_id)
       where balance <> coalesce(sum, 0) order by account_id`,
    );
    const totals = await tx.query<{ currencyCode: string; minorUnits: bigint; accounts: bigint }>(
      `select currency_code as "currencyCode", sum(balance)::bigint as "minorUnits", count(*) as accounts
       from accounts group by currency_code order by currency_code`,
    );
    return {
      accounts: totals.reduce((sum, { accounts }) => sum + Number(accounts), 0),
      wrongAccountIds: wrong.map(({ accountId }) => accountId),
      totals: totals.map(({ currencyCode, minorUnits }) => ({ currencyCode, minorUnits })),
    };
  }, options);
}
