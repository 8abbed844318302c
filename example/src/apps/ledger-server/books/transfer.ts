import { InsufficientFundsError, StaleAnchorError } from "../../../gen/ledger/v1/errors.js";
import { type Database, type Queryable, single, type TransactionOptions } from "../database/database.js";
import { UniqueViolation } from "../database/database-errors.js";
import { type Account, clearingAccountOf, lockAccounts, usableAccount } from "./account.js";
import { announce } from "./balance-feed.js";
import { checkAmount, invalidField } from "./check.js";

/** A transfer that somebody asks for. */
export interface TransferOrder {
  /** Identifies the request: it is booked once, however often it arrives. */
  readonly requestId: string;
  readonly sourceAccountId: string;
  readonly destinationAccountId: string;
  readonly minorUnits: bigint;
  readonly currencyCode: string;
  readonly memo: string;
  /** The source account's version that the decision rests on; `undefined` if it rests on none. */
  readonly anchor: bigint | undefined;
}

/** What a transfer came to. */
export interface Booking {
  readonly transferId: bigint;
  readonly sourceBalance: bigint;
  readonly sourceVersion: bigint;
  /** An earlier request with the same id booked it. */
  readonly replayed: boolean;
}

/**
 * Books a transfer: both of its entries and both balances, or nothing.
 *
 * **Repetitions.** Calls are sent again: by the retry policy, by a caller whose deadline passed before the answer came,
 * by a person who clicks twice. So the request id is claimed first, before anything is checked, in the same transaction.
 * If it is taken, the database says so; then the earlier booking decides. The same order gets the same answer, even when
 * the account has since been emptied or frozen, because that is the answer which the caller missed. Another order under
 * the same id is a mistake of the caller's, and is refused. A transfer that fails leaves no claim behind.
 *
 * @throws {InvalidFieldError} The order can't be right.
 * @throws {UniqueViolation} The request id was used for another order: see `driver-errors.ts`.
 * @throws {StaleAnchorError} The source account has changed.
 * @throws {InsufficientFundsError}
 * @throws What {@link usableAccount} throws.
 */
export async function bookTransfer(
  database: Database,
  order: TransferOrder,
  options?: TransactionOptions,
): Promise<Booking> {
  checkOrder(order);
  try {
    return await database.transaction((tx) => book(tx, order), options);
  } catch (error) {
    const earlier = error instanceof UniqueViolation ? await findBooking(database, order) : undefined;
    if (earlier === undefined) {
      throw error;
    }
    return earlier;
  }
}

function checkOrder(order: TransferOrder): void {
  checkAmount("transfer.amount", order.minorUnits);
  if (order.minorUnits < 0n) {
    throw invalidField("transfer.amount.minor_units", "must be above zero");
  }
  if (order.sourceAccountId === order.destinationAccountId) {
    throw invalidField("transfer.destination_account_id", "must not be the source account");
  }
  const clearing = clearingAccountOf(order.currencyCode);
  if (order.sourceAccountId === clearing || order.destinationAccountId === clearing) {
    throw invalidField("transfer", "clearing accounts take part in imports only");
  }
}

async function book(tx: Queryable, order: TransferOrder): Promise<Booking> {
  const transferId = await claimRequest(tx, order);
  const accounts = await lockAccounts(tx, [order.sourceAccountId, order.destinationAccountId]);
  const source = usableAccount(accounts, order.sourceAccountId, order.currencyCode);
  const destination = usableAccount(accounts, order.destinationAccountId, order.currencyCode);
  checkCondition(source, order);
  const sourceBalance = source.balance - order.minorUnits;
  const sourceVersion = source.version + 1n;
  await tx.query(
    `update accounts set balance = balance + change, version = version + 1
     from (values ($1, -$3::bigint), ($2, $3::bigint)) as changes (id, change) where account_id = id`,
    [source.accountId, destination.accountId, order.minorUnits],
  );
  await tx.query(
    `insert into entries (account_id, counterparty_account_id, minor_units, balance, transfer_id, memo)
     values ($1, $2, -$3::bigint, $4, $6, $7), ($2, $1, $3::bigint, $5, $6, $7)`,
    [
      source.accountId,
      destination.accountId,
      order.minorUnits,
      sourceBalance,
      destination.balance + order.minorUnits,
      transferId,
      order.memo,
    ],
  );
  await tx.query("update transfers set source_balance = $2, source_version = $3 where transfer_id = $1", [
    transferId,
    sourceBalance,
    sourceVersion,
  ]);
  await announce(tx, [source.accountId, destination.accountId]);
  return { transferId, sourceBalance, sourceVersion, replayed: false };
}

/** Whether the order may be booked as things stand. */
function checkCondition(source: Account, order: TransferOrder): void {
  if (order.anchor !== undefined && order.anchor !== source.version) {
    throw new StaleAnchorError({
      account: source.accountId,
      expected: String(order.anchor),
      actual: String(source.version),
    });
  }
  if (source.balance < order.minorUnits) {
    throw new InsufficientFundsError({
      balance: String(source.balance),
      amount: String(order.minorUnits),
      currency: order.currencyCode,
    });
  }
}

async function claimRequest(tx: Queryable, order: TransferOrder): Promise<bigint> {
  const claimed = await tx.query<{ transferId: bigint }>(
    `insert into transfers
       (request_id, source_account_id, destination_account_id, minor_units, currency_code, memo)
     values ($1, $2, $3, $4, $5, $6) returning transfer_id as "transferId"`,
    [
      order.requestId,
      order.sourceAccountId,
      order.destinationAccountId,
      order.minorUnits,
      order.currencyCode,
      order.memo,
    ],
  );
  return single(claimed).transferId;
}

// The anchor isn't compared: it says when to book, not what.
async function findBooking(database: Database, order: TransferOrder): Promise<Booking | undefined> {
  const [booking] = await database.query<Omit<Booking, "replayed">>(
    `select transfer_id as "transferId", source_balance as "sourceBalance", source_version as "sourceVersion"
     from transfers where request_id = $1 and source_account_id = $2 and destination_account_id = $3
       and minor_units = $4 and currency_code = $5 and memo = $6`,
    [
      order.requestId,
      order.sourceAccountId,
      order.destinationAccountId,
      order.minorUnits,
      order.currencyCode,
      order.memo,
    ],
  );
  return booking === undefined ? undefined : { ...booking, replayed: true };
}
