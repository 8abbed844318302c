import type { Logger } from "@accord-grpc/runtime";
import { createLedgerV1Server } from "../../gen/ledger/v1/server.js";
import { openLogger } from "../app-logger.js";
import { runApp } from "../run-app.js";
import { AuditServicer } from "./audit-servicer.js";
import { BalanceFeed } from "./books/balance-feed.js";
import type { Database } from "./database/database.js";
import { openDatabase } from "./database/open-database.js";
import { DRIVER_ERRORS } from "./driver-errors.js";
import { LedgerServicer } from "./ledger-servicer.js";
import { readSettings, type Settings } from "./settings.js";

await runApp("ledger-server", async () => {
  const logger = openLogger("ledger-server", process.env);
  const settings = readSettings(process.env);
  const database = await openDatabase(settings);
  logger.info({ database: database.description }, "books open");
  try {
    await serveBooks(database, logger, settings);
  } catch (error) {
    await database.close();
    throw error;
  }
});

async function serveBooks(database: Database, logger: Logger, { address, webOrigins }: Settings): Promise<void> {
  const feed = await BalanceFeed.open(database);
  // Everything between here and the books is generated: statuses, deadlines, retries' pushback, log lines, health.
  const server = createLedgerV1Server(
    { ledger: new LedgerServicer(database, feed), audit: new AuditServicer(database) },
    // The same port answers curl and pages, too: Connect and gRPC-Web. Pages of other origins are named.
    { logger, errors: DRIVER_ERRORS, http: webOrigins.length === 0 ? {} : { cors: { origins: webOrigins } } },
  );
  // A watch has no end of its own. It gets one when the server is asked to stop, so that nobody waits for it.
  for (const signal of ["SIGTERM", "SIGINT"]) {
    process.once(signal, () => feed.endWatches());
  }
  await server.serve(address, {
    cleanUp: async () => {
      await feed.close();
      await database.close();
    },
  });
}
