import { InsufficientFundsError } from "../../../gen/ledger/v1/errors.js";
import type { Database, Queryable } from "../database/database.js";
import { clearingAccountOf, lockAccounts, usableAccount } from "./account.js";
import { announce } from "./balance-feed.js";
import { checkAmount, invalidField } from "./check.js";

/** A line of a bank statement. */
export interface StatementLine {
  /** The bank's own reference: each is booked once. */
  readonly reference: string;
  readonly accountId: string;
  /** Negative if money went out. */
  readonly minorUnits: bigint;
  readonly currencyCode: string;
  readonly memo: string;
}

/** What an import came to. */
export interface ImportResult {
  readonly booked: number;
  readonly skipped: number;
}

/** How many lines are booked in one transaction, and held in memory. */
const BATCH = 200;

/**
 * Books the lines of a bank statement, batch by batch as they come.
 *
 * It isn't one transaction, because that would stay open for as long as the sender takes. What was committed before a
 * failure stays; sending everything again skips it.
 *
 * @param timeRemaining how long the caller will still wait, in milliseconds.
 * @throws {InvalidFieldError} A line can't be right.
 * @throws {InsufficientFundsError} A line takes more than there is.
 * @throws What {@link usableAccount} throws.
 */
export async function importStatement(
  database: Database,
  lines: AsyncIterable<StatementLine>,
  timeRemaining: () => number,
): Promise<ImportResult> {
  let booked = 0;
  let skipped = 0;
  let batch: StatementLine[] = [];
  const flush = async () => {
    const lines = batch;
    batch = [];
    const news = await database.transaction((tx) => bookLines(tx, lines), { timeoutMs: timeRemaining() });
    booked += news;
    skipped += lines.length - news;
  };
  for await (const line of lines) {
    checkLine(line);
    batch.push(line);
    if (batch.length === BATCH) {
      await flush();
    }
  }
  if (batch.length > 0) {
    await flush();
  }
  return { booked, skipped };
}

function checkLine(line: StatementLine): void {
  checkAmount("amount", line.minorUnits);
  if (line.accountId === clearingAccountOf(line.currencyCode)) {
    throw invalidField("account_id", "must not be a clearing account");
  }
}

/** @returns how many of the lines were new. */
async function bookLines(tx: Queryable, lines: readonly StatementLine[]): Promise<number> {
  const news = await claimLines(tx, lines);
  if (news.length === 0) {
    return 0;
  }
  const clearing = await openClearingAccounts(tx, news);
  const accounts = await lockAccounts(tx, [...new Set(news.map((line) => line.accountId)), ...clearing]);
  const balances = new Map([...accounts].map(([id, account]) => [id, account.balance]));
  const entries: NewEntry[] = [];
  const post = (line: StatementLine, accountId: string, counterpartyAccountId: string, minorUnits: bigint) => {
    const balance = (balances.get(accountId) ?? 0n) + minorUnits;
    balances.set(accountId, balance);
    entries.push({ line, accountId, counterpartyAccountId, minorUnits, balance });
  };
  for (const line of news) {
    const { accountId } = usableAccount(accounts, line.accountId, line.currencyCode);
    const outside = clearingAccountOf(line.currencyCode);
    const balance = balances.get(accountId) ?? 0n;
    if (balance + line.minorUnits < 0n) {
      throw new InsufficientFundsError({
        balance: String(balance),
        amount: String(-line.minorUnits),
        currency: line.currencyCode,
      });
    }
    post(line, accountId, outside, line.minorUnits);
    post(line, outside, accountId, -line.minorUnits);
  }
  await writeEntries(tx, entries, balances);
  await announce(tx, [...balances.keys()]);
  return news.length;
}

interface NewEntry {
  readonly line: StatementLine;
  readonly accountId: string;
  readonly counterpartyAccountId: string;
  readonly minorUnits: bigint;
  readonly balance: bigint;
}

/** Claims the references of the lines; those that are taken are left out. */
async function claimLines(tx: Queryable, lines: readonly StatementLine[]): Promise<StatementLine[]> {
  const claimed = await tx.query<{ reference: string }>(
    `insert into statement_lines (reference, account_id, minor_units, currency_code)
     select * from unnest($1::text[], $2::text[], $3::bigint[], $4::text[])
     on conflict (reference) do nothing returning reference`,
    [
      lines.map((line) => line.reference),
      lines.map((line) => line.accountId),
      lines.map((line) => line.minorUnits),
      lines.map((line) => line.currencyCode),
    ],
  );
  const unclaimed = new Set(claimed.map(({ reference }) => reference));
  // A reference that comes twice in one batch is claimed once: `delete` is true for its first line only.
  return lines.filter((line) => unclaimed.delete(line.reference));
}

async function openClearingAccounts(tx: Queryable, lines: readonly StatementLine[]): Promise<string[]> {
  const currencies = [...new Set(lines.map((line) => line.currencyCode))];
  const ids = currencies.map(clearingAccountOf);
  await tx.query(
    `insert into accounts (account_id, kind, holder_name, currency_code)
     select id, 'clearing', 'The world outside', currency from unnest($1::text[], $2::text[]) as new (id, currency)
     on conflict (account_id) do nothing`,
    [ids, currencies],
  );
  return ids;
}

async function writeEntries(
  tx: Queryable,
  entries: readonly NewEntry[],
  balances: ReadonlyMap<string, bigint>,
): Promise<void> {
  await tx.query(
    `insert into entries (account_id, counterparty_account_id, minor_units, balance, reference, memo)
     select account_id, counterparty_account_id, minor_units, balance, reference, memo
     from unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::text[], $6::text[]) with ordinality
       as new (account_id, counterparty_account_id, minor_units, balance, reference, memo, position)
     order by position`,
    [
      entries.map((entry) => entry.accountId),
      entries.map((entry) => entry.counterpartyAccountId),
      entries.map((entry) => entry.minorUnits),
      entries.map((entry) => entry.balance),
      entries.map((entry) => entry.line.reference),
      entries.map((entry) => entry.line.memo),
    ],
  );
  await tx.query(
    `update accounts set balance = new.balance, version = version + 1
     from unnest($1::text[], $2::bigint[]) as new (id, balance) where account_id = new.id`,
    [[...balances.keys()], [...balances.values()]],
  );
}
