import { Outbox } from "../../clients/outbox.js";
import { LedgerUnavailableError } from "../../gen/ledger/v1/errors.js";
import type { Cast } from "../cast.js";
import { euros, money } from "../money.js";
import type { LogRecord, ServerProcess } from "../server-process.js";

/** Adds everything up. */
export async function audit({ stage, audit }: Cast): Promise<void> {
  await stage.chapter(
    "The books",
    "Double-entry: after all of this, each balance is the sum of its entries, and everything adds up to zero.",
    async (caller) => {
      caller.calls("audit.verifyBooks()");
      const { balanced, accounts, totals } = await audit.verifyBooks({});
      caller.gets(
        `${accounts} accounts, ${balanced ? "balanced" : "NOT BALANCED"}, total ${totals.map(money).join(", ")}`,
      );
      if (!balanced) {
        throw new Error("the books aren't balanced");
      }
    },
  );
}

/** SIGTERM while a call is in flight. */
export async function drain({ stage, ledger, ledgerServer }: Cast): Promise<void> {
  await stage.chapter(
    "A drain",
    "SIGTERM comes in the middle of an import. The server takes no new calls, and lets this one finish before it goes.",
    async (caller) => {
      const lines = new Outbox<{ reference: string; accountId: string; amount: ReturnType<typeof euros> }>();
      const line = (number: number) => ({ reference: `last/${number}`, accountId: "bob", amount: euros(1) });
      caller.calls("ledger.importEntries(…), two lines so far");
      const imported = ledger.importEntries(lines);
      lines.send(line(1));
      lines.send(line(2));
      await logged(
        ledgerServer,
        ({ msg, payload }) => msg === "importEntries.request" && `${payload}`.includes("last/"),
      );

      caller.notes("SIGTERM");
      ledgerServer.signal("SIGTERM");
      await logged(ledgerServer, ({ msg }) => msg === "server.draining");
      caller.calls("ledger.getAccount(bob)");
      const refused = await ledger.getAccount({ accountId: "bob" }).catch((error: unknown) => error);
      if (!(refused instanceof LedgerUnavailableError)) {
        throw new Error("the ledger still takes calls after SIGTERM");
      }
      caller.refused(`${refused.name}: ${refused.message}`);

      caller.calls("…and the other lines");
      lines.send(line(3));
      lines.close();
      caller.gets(`booked ${(await imported).booked}: the import wasn't cut short`);
      const { code, signal } = await ledgerServer.exited;
      caller.notes(`ledger-server exited with ${code === null ? signal : `code ${code}`}`);
      if (code !== 0) {
        throw new Error("ledger-server should have exited with code 0");
      }
    },
  );
}

/** Waits until a server has logged something. */
async function logged(server: ServerProcess, what: (record: LogRecord) => boolean): Promise<void> {
  for (let waited = 0; !server.log.some(what); waited += 10) {
    if (waited > 5_000) {
      throw new Error(`${server.name} didn't log what it should have`);
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
