import { createConnectTransport } from "@connectrpc/connect-web";
import { LedgerServiceClient } from "../../gen/ledger/v1/ledger_web.js";
import type { Cast } from "../cast.js";
import { euros } from "../money.js";

const UNAFFORDABLE = { sourceAccountId: "bob", destinationAccountId: "alice" };

/** What curl prints of an error, as Connect has it. */
interface Refusal {
  readonly code: string;
  readonly message: string;
  readonly details: readonly { readonly type: string; readonly debug?: Readonly<Record<string, unknown>> }[];
}

/** The refusal of the chapter before, for who speaks no gRPC. */
export async function onePort({ stage, ledgerServer }: Cast): Promise<void> {
  await stage.chapter(
    "The same port",
    "Pages and curl call the same port, by Connect, and are refused by the same servicer: in words for curl, and for a page's client " +
      "as the same class with the same metadata.",
    async (caller) => {
      const baseUrl = `http://${ledgerServer.address}`;
      const transfer = { ...UNAFFORDABLE, amount: { currencyCode: "EUR", minorUnits: "999900" } };
      caller.calls("curl -H 'content-type: application/json' -d '{…}' …/ledger.v1.LedgerService/Transfer");
      const answer = await fetch(`${baseUrl}/ledger.v1.LedgerService/Transfer`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ requestId: "by-curl", transfer }),
      });
      const { code, message, details } = (await answer.json()) as Refusal;
      const info = details.find(({ type }) => type === "google.rpc.ErrorInfo")?.debug;
      caller.refused(`HTTP ${answer.status}, ${code}: ${message}`);
      caller.notes(`google.rpc.ErrorInfo: ${JSON.stringify(info)}`);
      if (info?.reason !== "INSUFFICIENT_FUNDS") {
        throw new Error("curl should have been told INSUFFICIENT_FUNDS");
      }

      // What a page does: nothing of this client is Node's.
      const page = new LedgerServiceClient(createConnectTransport({ baseUrl }));
      caller.calls("page.transfer.result(bob → alice, 9,999.00 EUR)");
      const result = await page.transfer.result({ transfer: { ...UNAFFORDABLE, amount: euros(9_999) } });
      if (result.error?.code !== "INSUFFICIENT_FUNDS") {
        throw new Error("a page should have been told INSUFFICIENT_FUNDS");
      }
      caller.refused(`${result.error.name}: ${result.error.message}`);
      const { balance, amount } = result.error.metadata;
      caller.notes(`metadata.balance = ${balance}, metadata.amount = ${amount}`);
    },
  );
}
