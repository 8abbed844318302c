import {
  AccountExistsError,
  AccountFrozenError,
  AccountNotFoundError,
  CurrencyMismatchError,
} from "../../../gen/ledger/v1/errors.js";
import { type Database, type Queryable, single, type TransactionOptions } from "../database/database.js";
import { UniqueViolation } from "../database/database-errors.js";

/** An account, as the books keep it. */
export interface Account {
  readonly accountId: string;
  readonly holderName: string;
  readonly iban: string;
  readonly currencyCode: string;
  readonly balance: bigint;
  readonly version: bigint;
  readonly frozen: boolean;
  readonly createTime: Date;
}

/** What it takes to open an account. */
export interface AccountParticulars {
  readonly accountId: string;
  readonly holderName: string;
  readonly iban: string;
  readonly currencyCode: string;
}

const ACCOUNT_COLUMNS = `
  account_id as "accountId", holder_name as "holderName", coalesce(iban, '') as iban, currency_code as "currencyCode",
  balance, version, frozen, create_time as "createTime"`;

/** The account that money from outside is booked against: `clearing-eur`. A rule of the proto keeps others from opening it. */
export function clearingAccountOf(currencyCode: string): string {
  return `clearing-${currencyCode.toLowerCase()}`;
}

/**
 * Opens an account, or finds it open already.
 *
 * @throws {AccountExistsError} The id belongs to an account with other particulars.
 * @throws {UniqueViolation} The IBAN belongs to another account: see `driver-errors.ts`.
 */
export async function openAccount(
  database: Database,
  particulars: AccountParticulars,
  options?: TransactionOptions,
): Promise<Account> {
  const { accountId, holderName, iban, currencyCode } = particulars;
  try {
    const opened = await database.transaction(
      (tx) =>
        tx.query<Account>(
          `insert into accounts (account_id, holder_name, iban, currency_code)
           values ($1, $2, nullif($3, ''), $4) returning ${ACCOUNT_COLUMNS}`,
          [accountId, holderName, iban, currencyCode],
        ),
      options,
    );
    return single(opened);
  } catch (error) {
    if (!(error instanceof UniqueViolation && error.constraint === "accounts_pkey")) {
      throw error;
    }
    const account = await readAccount(database, accountId);
    if (account.holderName !== holderName || account.iban !== iban || account.currencyCode !== currencyCode) {
      throw new AccountExistsError({ field: "account_id" }, { cause: error });
    }
    return account;
  }
}

/** @throws {AccountNotFoundError} */
export async function readAccount(from: Queryable, accountId: string): Promise<Account> {
  const [account] = await from.query<Account>(`select ${ACCOUNT_COLUMNS} from accounts where account_id = $1`, [
    accountId,
  ]);
  return found(account, accountId);
}

/** Reads those of the accounts that exist, in no particular order. */
export function readAccounts(from: Queryable, accountIds: readonly string[]): Promise<Account[]> {
  return from.query<Account>(`select ${ACCOUNT_COLUMNS} from accounts where account_id = any($1)`, [accountIds]);
}

/**
 * Reads accounts and keeps others from changing them until the transaction ends.
 *
 * They are locked in the order of their ids: two transactions that want the same accounts can't hold one each and wait
 * for the other's.
 */
export async function lockAccounts(tx: Queryable, accountIds: readonly string[]): Promise<Map<string, Account>> {
  const accounts = await tx.query<Account>(
    `select ${ACCOUNT_COLUMNS} from accounts where account_id = any($1) order by account_id for update`,
    [accountIds],
  );
  return new Map(accounts.map((account) => [account.accountId, account]));
}

/**
 * Finds an account that can take part in a booking.
 *
 * @throws {AccountNotFoundError} It isn't among those that were locked.
 * @throws {AccountFrozenError}
 * @throws {CurrencyMismatchError} It holds another currency.
 */
export function usableAccount(
  accounts: ReadonlyMap<string, Account>,
  accountId: string,
  currencyCode: string,
): Account {
  const account = found(accounts.get(accountId), accountId);
  if (account.frozen) {
    throw new AccountFrozenError({ account: accountId });
  }
  if (account.currencyCode !== currencyCode) {
    throw new CurrencyMismatchError({ account: accountId, held: account.currencyCode, offered: currencyCode });
  }
  return account;
}

/**
 * Freezes an account or thaws it.
 *
 * @throws {AccountNotFoundError}
 */
export async function setAccountFrozen(
  database: Database,
  accountId: string,
  frozen: boolean,
  options?: TransactionOptions,
): Promise<void> {
  const [account] = await database.transaction(
    (tx) =>
      tx.query<{ accountId: string }>(
        `update accounts set frozen = $2, version = version + case when frozen = $2 then 0 else 1 end
         where account_id = $1 and kind = 'customer' returning account_id as "accountId"`,
        [accountId, frozen],
      ),
    options,
  );
  found(account, accountId);
}

function found<T>(account: T | undefined, accountId: string): T {
  if (account === undefined) {
    throw new AccountNotFoundError({ account: accountId });
  }
  return account;
}
