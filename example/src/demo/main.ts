import { fileURLToPath } from "node:url";
import { credentials } from "@grpc/grpc-js";
import { servePage } from "../apps/page-server/page-server.js";
import { ledgerClients } from "../clients/ledger/ledger-client.js";
import { buildPaymentsV1Channel } from "../gen/payments/v1/channel.js";
import { PaymentsServiceClient } from "../gen/payments/v1/payments_client.js";
import type { Cast } from "./cast.js";
import { audit, drain } from "./chapters/ending.js";
import { onePort } from "./chapters/one-port.js";
import { declinedPayment, payment } from "./chapters/payments.js";
import { bulkImport, entries, watch } from "./chapters/streams.js";
import {
  accounts,
  deadline,
  duplicateRequest,
  goodTransfer,
  insufficientFunds,
  invalidRequest,
  staleAnchor,
} from "./chapters/transfers.js";
import { ServerProcess } from "./server-process.js";
import { Stage } from "./stage.js";
import type { Terminal } from "./terminal.js";

/** The page, as `npm run build:web` has built it. */
const PAGE = fileURLToPath(new URL("../../web/dist", import.meta.url));

/** Announces something that takes a while, and how long it took. */
export type Progress = <T>(what: string, work: () => Promise<T>) => Promise<T>;

/**
 * Plays the demo: two servers as processes of their own, and one caller, this process.
 *
 * @throws {Error} if anything goes other than it should. Servers may still run then: {@link ServerProcess.killAll}.
 */
export async function play(terminal: Terminal, progress: Progress): Promise<void> {
  // Fresh books, whatever the environment says: the play has its own accounts.
  const local = { LOG_LEVEL: "debug", DATABASE_URL: "", LEDGER_DATA_DIR: "" };
  const page = await servePage(PAGE, { host: "127.0.0.1", port: 0 }, () => ({
    ledgerUrl: `http://${ledgerServer.address}`,
    accounts: ["alice", "bob", "flower-shop"],
  }));
  const ledgerServer: ServerProcess = await progress("starting ledger-server, with PostgreSQL inside (PGlite)", () =>
    ServerProcess.start("ledger-server", { ...local, LEDGER_ADDRESS: "127.0.0.1:0", LEDGER_WEB_ORIGINS: page.origin }),
  );
  const paymentsServer = await progress("starting payments-server", () =>
    ServerProcess.start("payments-server", {
      ...local,
      PAYMENTS_ADDRESS: "127.0.0.1:0",
      LEDGER_TARGET: ledgerServer.address,
    }),
  );
  const upstream = ledgerClients(ledgerServer.address);
  const paymentsChannel = buildPaymentsV1Channel(paymentsServer.address, { credentials: credentials.createInsecure() });
  const cast: Cast = {
    stage: new Stage(terminal, [ledgerServer, paymentsServer]),
    ledger: upstream.ledger,
    audit: upstream.audit,
    payments: new PaymentsServiceClient(paymentsChannel),
    ledgerServer,
    pageOrigin: page.origin,
  };
  const chapters = [
    accounts,
    invalidRequest,
    bulkImport,
    goodTransfer,
    insufficientFunds,
    onePort,
    duplicateRequest,
    staleAnchor,
    deadline,
    entries,
    watch,
    payment,
    declinedPayment,
    audit,
    drain,
  ];
  for (const chapter of chapters) {
    await chapter(cast);
  }
  upstream.close();
  paymentsChannel.close();
  await paymentsServer.stop();
  await page.close();
}
