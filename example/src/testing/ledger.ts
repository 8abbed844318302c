import { randomUUID } from "node:crypto";
import { startTestServer } from "@accord-grpc/runtime/testing";
import type { MessageInitShape } from "@bufbuild/protobuf";
import { AuditServicer } from "../apps/ledger-server/audit-servicer.js";
import { BalanceFeed } from "../apps/ledger-server/books/balance-feed.js";
import type { Database } from "../apps/ledger-server/database/database.js";
import { openDatabase } from "../apps/ledger-server/database/open-database.js";
import { DRIVER_ERRORS } from "../apps/ledger-server/driver-errors.js";
import { LedgerServicer } from "../apps/ledger-server/ledger-servicer.js";
import { AuditServiceClient } from "../gen/ledger/v1/audit_client.js";
import { bindAuditService } from "../gen/ledger/v1/audit_servicer.js";
import { LEDGER_V1_SERVICE_CONFIG } from "../gen/ledger/v1/channel.js";
import { LedgerServiceClient } from "../gen/ledger/v1/ledger_client.js";
import type { TransferRequestSchema } from "../gen/ledger/v1/ledger_pb.js";
import { bindLedgerService } from "../gen/ledger/v1/ledger_servicer.js";

/** A ledger on a socket, over a database of its own, with clients that retry as the contract says. */
export interface TestLedger {
  readonly database: Database;
  readonly ledger: LedgerServiceClient;
  readonly audit: AuditServiceClient;
  /** Opens an account with money on it, and returns its id. */
  accountWith(minorUnits: bigint, currencyCode?: string): Promise<string>;
  balanceOf(accountId: string): Promise<bigint | undefined>;
  close(): Promise<void>;
}

/**
 * Starts a ledger for a test.
 *
 * @param opening its database, which is closed with it. Default: PGlite.
 */
export async function startTestLedger(opening: Promise<Database> = openDatabase({})): Promise<TestLedger> {
  const database = await opening;
  const feed = await BalanceFeed.open(database);
  const server = await startTestServer(
    [
      // In tests, what the ledger answers must keep the rules of its protos, too.
      bindLedgerService(new LedgerServicer(database, feed), { errors: DRIVER_ERRORS, checkResponses: true }),
      bindAuditService(new AuditServicer(database), { errors: DRIVER_ERRORS, checkResponses: true }),
    ],
    { serviceConfig: LEDGER_V1_SERVICE_CONFIG },
  );
  const ledger = new LedgerServiceClient(server.channel);
  return {
    database,
    ledger,
    audit: new AuditServiceClient(server.channel),
    accountWith: async (minorUnits, currencyCode = "EUR") => {
      const accountId = `a-${randomUUID()}`;
      await ledger.openAccount({ accountId, holderName: "Somebody", iban: "", currencyCode });
      if (minorUnits !== 0n) {
        const line = { reference: randomUUID(), accountId, amount: { minorUnits, currencyCode } };
        await ledger.importEntries(sent([line]));
      }
      return accountId;
    },
    balanceOf: async (accountId) => (await ledger.getAccount({ accountId })).account?.balance?.minorUnits,
    close: async () => {
      await server.close();
      await feed.close();
      await database.close();
    },
  };
}

/** A transfer in euros, without a request id. */
export function transferOf(
  sourceAccountId: string,
  destinationAccountId: string,
  minorUnits: bigint,
  memo = "",
): MessageInitShape<typeof TransferRequestSchema> {
  return {
    transfer: { sourceAccountId, destinationAccountId, amount: { minorUnits, currencyCode: "EUR" }, memo },
  };
}

/** The request side of a stream whose messages are all there. */
export async function* sent<T>(messages: Iterable<T>): AsyncGenerator<T> {
  yield* messages;
}
