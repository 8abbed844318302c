import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { createConnectTransport } from "@connectrpc/connect-web";
import { LedgerServiceClient } from "../../gen/ledger/v1/ledger_web.js";
import { openBrowser } from "../browser.js";
import type { Cast } from "../cast.js";
import { euros } from "../money.js";
import type { Caller } from "../stage.js";

const UNAFFORDABLE = { sourceAccountId: "bob", destinationAccountId: "alice" };

/** What Connect's JSON says of an error. */
interface Refusal {
  readonly code: string;
  readonly message: string;
  readonly details: readonly { readonly type: string; readonly debug?: Readonly<Record<string, unknown>> }[];
}

/** One refusal, at one port, for three callers: Node by gRPC, curl and a page by Connect. */
export async function onePort(cast: Cast): Promise<void> {
  await cast.stage.chapter(
    "The same port",
    "The ledger's port speaks Connect and gRPC-Web too. A Node caller, curl and a page are refused by the same servicer: curl reads it " +
      "in words, the page's generated client throws the same class with the same metadata.",
    async (caller) => {
      caller.notes(`one port: ${cast.ledgerServer.address}`);
      await byNode(cast, caller);
      await byCurl(cast, caller);
      await byPage(cast, caller);
    },
  );
}

async function byNode({ ledger }: Cast, caller: Caller): Promise<void> {
  caller.calls("node, gRPC: ledger.transfer.result(bob → alice, 9,999.00 EUR)");
  const { error } = await ledger.transfer.result({ transfer: { ...UNAFFORDABLE, amount: euros(9_999) } });
  if (error?.code !== "INSUFFICIENT_FUNDS") {
    throw new Error("a Node caller should have been told INSUFFICIENT_FUNDS");
  }
  caller.refused(`${error.code}, metadata ${JSON.stringify(error.metadata)}`);
}

async function byCurl({ ledgerServer }: Cast, caller: Caller): Promise<void> {
  const url = `http://${ledgerServer.address}/ledger.v1.LedgerService/Transfer`;
  const transfer = { ...UNAFFORDABLE, amount: { currencyCode: "EUR", minorUnits: "999900" } };
  const body = JSON.stringify({ requestId: "by-curl", transfer });
  const { text, by } = await posted(url, body);
  caller.calls(`${by} -H 'content-type: application/json' -d '{…}' …/ledger.v1.LedgerService/Transfer`);
  const { code, message, details } = JSON.parse(text) as Refusal;
  const info = details.find(({ type }) => type === "google.rpc.ErrorInfo")?.debug;
  caller.refused(`${code}: ${message}`);
  caller.notes(`google.rpc.ErrorInfo: ${JSON.stringify(info)}`);
  if (info?.reason !== "INSUFFICIENT_FUNDS") {
    throw new Error("curl should have been told INSUFFICIENT_FUNDS");
  }
}

/** Posts JSON by curl, or by what Node has where there is no curl. */
async function posted(url: string, body: string): Promise<{ readonly text: string; readonly by: string }> {
  const headers = { "content-type": "application/json" };
  try {
    const args = ["--silent", "--header", `content-type: ${headers["content-type"]}`, "--data", body, url];
    return { text: (await promisify(execFile)("curl", args)).stdout, by: "curl" };
  } catch {
    const answer = await fetch(url, { method: "POST", headers, body });
    return { text: await answer.text(), by: "(no curl here, so Node's fetch)" };
  }
}

async function byPage({ ledgerServer, pageOrigin }: Cast, caller: Caller): Promise<void> {
  const browser = await openBrowser();
  if (browser === undefined) {
    caller.notes("(no Chromium here: the page's client, in Node)");
    await byPagesClient(`http://${ledgerServer.address}`, caller);
    return;
  }
  try {
    const page = await browser.newPage();
    caller.calls(`Chromium ${browser.version()}, example/web at ${pageOrigin}: bob → alice, 9999`);
    await page.goto(pageOrigin);
    await page.getByRole("radio", { name: "bob" }).check();
    await page.getByLabel("To", { exact: true }).fill("alice");
    await page.getByLabel("Amount").fill("9999");
    await page.getByRole("button", { name: "Transfer" }).click();
    const problem = page.locator("#amount-problem:not(:empty)");
    // The page's words, made of the error's typed metadata.
    caller.refused(`${await problem.textContent()}`);
  } finally {
    await browser.close();
  }
}

/** What the page does, without the page: nothing of this client is Node's. */
async function byPagesClient(baseUrl: string, caller: Caller): Promise<void> {
  const page = new LedgerServiceClient(createConnectTransport({ baseUrl }));
  caller.calls("page.transfer.result(bob → alice, 9,999.00 EUR)");
  const result = await page.transfer.result({ transfer: { ...UNAFFORDABLE, amount: euros(9_999) } });
  if (result.error?.code !== "INSUFFICIENT_FUNDS") {
    throw new Error("a page should have been told INSUFFICIENT_FUNDS");
  }
  const { balance, amount } = result.error.metadata;
  caller.refused(`${result.error.name}: ${result.error.message}`);
  caller.notes(`metadata.balance = ${balance}, metadata.amount = ${amount}`);
}
