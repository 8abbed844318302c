import { fileURLToPath } from "node:url";
import { runApp } from "../run-app.js";
import { servePage } from "./page-server.js";

// The page, for a ledger that runs beside it: `LEDGER_WEB_ORIGINS=http://127.0.0.1:5173 npm run start:ledger -w example`.
await runApp("page-server", async () => {
  const { PAGE_PORT, LEDGER_URL, LEDGER_ACCOUNTS } = process.env;
  const settings = {
    ledgerUrl: LEDGER_URL || "http://localhost:50051",
    accounts: (LEDGER_ACCOUNTS || "alice,bob,flower-shop").split(","),
  };
  const folder = fileURLToPath(new URL("../../../web/dist", import.meta.url));
  const page = await servePage(folder, { host: "127.0.0.1", port: Number(PAGE_PORT || 5173) }, () => settings);
  process.stdout.write(`The ledger's page: ${page.origin}\n`);
});
