import type { CallContext } from "@accord-grpc/runtime";
import type { MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import type {
  AccountSchema,
  EntrySchema,
  FollowEntriesRequest,
  FollowEntriesResponseSchema,
  GetAccountRequest,
  GetAccountResponseSchema,
  ImportEntriesRequest,
  ImportEntriesResponseSchema,
  ListEntriesRequest,
  ListEntriesResponseSchema,
  OpenAccountRequest,
  OpenAccountResponseSchema,
  TransferRequest,
  TransferResponseSchema,
  WatchRequest,
  WatchResponseSchema,
} from "../../gen/ledger/v1/ledger_pb.js";
import type { LedgerServiceServicer } from "../../gen/ledger/v1/ledger_servicer.js";
import { type Account, openAccount, readAccount } from "./books/account.js";
import type { BalanceFeed } from "./books/balance-feed.js";
import type { BalanceWatch } from "./books/balance-watch.js";
import { type Entry, listEntries } from "./books/entry.js";
import { importStatement, type StatementLine } from "./books/statement-import.js";
import { bookTransfer } from "./books/transfer.js";
import type { Database } from "./database/database.js";

/**
 * The ledger as gRPC sees it: requests become calls on the books, and what the books return becomes responses.
 *
 * There is no error handling here, and no check of a request's form. The generated binding refuses what breaks the rules in the protos; the
 * books throw the contract's own exceptions, the database's errors become such by `driver-errors.ts`, and the binding turns both into
 * statuses and logs every call.
 */
export class LedgerServicer implements LedgerServiceServicer {
  readonly #database: Database;
  readonly #feed: BalanceFeed;

  constructor(database: Database, feed: BalanceFeed) {
    this.#database = database;
    this.#feed = feed;
  }

  async openAccount(
    request: OpenAccountRequest,
    context: CallContext,
  ): Promise<MessageInitShape<typeof OpenAccountResponseSchema>> {
    const account = await openAccount(this.#database, request, { timeoutMs: context.timeRemaining() });
    return { account: toMessage(account) };
  }

  async getAccount(request: GetAccountRequest): Promise<MessageInitShape<typeof GetAccountResponseSchema>> {
    return { account: toMessage(await readAccount(this.#database, request.accountId)) };
  }

  async transfer(
    { requestId, transfer, anchor }: TransferRequest,
    context: CallContext,
  ): Promise<MessageInitShape<typeof TransferResponseSchema>> {
    const { sourceAccountId, destinationAccountId, memo, amount } = required(transfer);
    const { minorUnits, currencyCode } = required(amount);
    // Bound to the call: this line has the request id and the accounts, too.
    context.logger.debug({ time_left_ms: Math.round(context.timeRemaining()) }, "booking");
    const booking = await bookTransfer(
      this.#database,
      { requestId, sourceAccountId, destinationAccountId, minorUnits, currencyCode, memo, anchor },
      // Nobody waits for a booking longer than its caller does.
      { timeoutMs: context.timeRemaining() },
    );
    return {
      transferId: String(booking.transferId),
      sourceBalance: { minorUnits: booking.sourceBalance, currencyCode },
      sourceVersion: booking.sourceVersion,
      replayed: booking.replayed,
    };
  }

  async *listEntries(request: ListEntriesRequest): AsyncGenerator<MessageInitShape<typeof ListEntriesResponseSchema>> {
    for await (const entry of listEntries(this.#database, request.accountId, request.afterEntryId)) {
      yield { entry: toEntryMessage(entry) };
    }
  }

  async *followEntries(
    { accountId, afterEntryId }: FollowEntriesRequest,
    context: CallContext,
  ): AsyncGenerator<MessageInitShape<typeof FollowEntriesResponseSchema>> {
    const changes = this.#feed.watch(context.signal);
    changes.subscribe([accountId]);
    // Whoever follows hears at once that the stream stands, and not when the next entry is booked.
    context.sendHeaders();
    let after = afterEntryId;
    // What the watch says first is how the account is now; what it says of the balance, the entries say better.
    for await (const _ of changes) {
      for await (const entry of listEntries(this.#database, accountId, after)) {
        yield { entry: toEntryMessage(entry) };
        after = entry.entryId;
      }
    }
  }

  async importEntries(
    requests: AsyncIterable<ImportEntriesRequest>,
    context: CallContext,
  ): Promise<MessageInitShape<typeof ImportEntriesResponseSchema>> {
    const { booked, skipped } = await importStatement(this.#database, statementLines(requests), () =>
      context.timeRemaining(),
    );
    return { booked: BigInt(booked), skipped: BigInt(skipped) };
  }

  async *watch(
    requests: AsyncIterable<WatchRequest>,
    context: CallContext,
  ): AsyncGenerator<MessageInitShape<typeof WatchResponseSchema>> {
    const watch = this.#feed.watch(context.signal);
    // Both sides of the stream run at once: the caller's wishes come in here while balances go out below.
    void follow(requests, watch);
    for await (const { accountId, balance, currencyCode, version } of watch) {
      yield { accountId, balance: { minorUnits: balance, currencyCode }, version };
    }
  }
}

/** Does what the caller of a watch asks for, until it asks for nothing more. Failures end the watch. */
async function follow(requests: AsyncIterable<WatchRequest>, watch: BalanceWatch): Promise<void> {
  try {
    for await (const { change } of requests) {
      switch (change.case) {
        case "subscribe":
          watch.subscribe(change.value.accountIds);
          break;
        case "unsubscribe":
          watch.unsubscribe(change.value.accountIds);
          break;
      }
    }
    watch.end();
  } catch (error) {
    watch.end({ error });
  }
}

async function* statementLines(requests: AsyncIterable<ImportEntriesRequest>): AsyncGenerator<StatementLine> {
  for await (const { reference, accountId, amount, memo } of requests) {
    const { minorUnits, currencyCode } = required(amount);
    yield { reference, accountId, minorUnits, currencyCode, memo };
  }
}

function toEntryMessage(entry: Entry): MessageInitShape<typeof EntrySchema> {
  const { entryId, accountId, counterpartyAccountId, minorUnits, balance, currencyCode, memo, bookTime } = entry;
  return {
    entryId,
    accountId,
    counterpartyAccountId,
    amount: { minorUnits, currencyCode },
    balance: { minorUnits: balance, currencyCode },
    memo,
    bookTime: timestampFromDate(bookTime),
  };
}

/** A field that the proto requires: a request without it doesn't get here, which its type doesn't say. */
function required<T>(value: T | undefined): T {
  if (value === undefined) {
    throw new Error("a request that breaks its rules has got through");
  }
  return value;
}

function toMessage(account: Account): MessageInitShape<typeof AccountSchema> {
  const { accountId, holderName, iban, currencyCode, balance, version, frozen, createTime } = account;
  return {
    accountId,
    holderName,
    iban,
    balance: { minorUnits: balance, currencyCode },
    version,
    frozen,
    createTime: timestampFromDate(createTime),
  };
}
