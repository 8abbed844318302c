import { ledgerClients } from "../../clients/ledger/ledger-client.js";
import { createPaymentsV1Server } from "../../gen/payments/v1/server.js";
import { openLogger } from "../app-logger.js";
import { runApp } from "../run-app.js";
import { UPSTREAM_ERRORS } from "./ledger-errors.js";
import { PaymentsServicer } from "./payments-servicer.js";
import { readSettings } from "./settings.js";

await runApp("payments-server", async () => {
  const logger = openLogger("payments-server", process.env);
  const settings = readSettings(process.env);
  const upstream = ledgerClients(settings.ledgerTarget);
  const server = createPaymentsV1Server(
    { payments: new PaymentsServicer(upstream.ledger) },
    { logger, errors: UPSTREAM_ERRORS },
  );
  await server.serve(settings.address, { cleanUp: () => upstream.close() });
});
