import { createConnectTransport } from "@connectrpc/connect-web";
import { LedgerError } from "../../src/gen/ledger/v1/errors.js";
import { LedgerServiceClient } from "../../src/gen/ledger/v1/ledger_web.js";
import { AccountList } from "./account-list.js";
import { byId } from "./element.js";
import { EntryList } from "./entry-list.js";
import { type Connection, followEntries } from "./follow-entries.js";
import { TransferForm } from "./transfer-form.js";

const transport = createConnectTransport({ baseUrl: settingOf("ledger-url"), useBinaryFormat: true });
const client = new LedgerServiceClient(transport);
const entries = new EntryList();
const accounts = new AccountList(({ accountId }) => follow(accountId));
const form = new TransferForm(client, () => accounts.chosen, refresh);

/** What ends the stream of the account that was chosen before. */
let followed = new AbortController();
let isStale = false;
let isReading = false;

byId("show", HTMLFormElement).addEventListener("submit", (event) => {
  event.preventDefault();
  void showAnother();
});
await refresh(settingOf("ledger-accounts").split(","));
const [first] = accounts.ids;
if (first !== undefined) {
  accounts.choose(first);
}

function settingOf(name: string): string {
  return document.querySelector<HTMLMetaElement>(`meta[name="${name}"]`)?.content ?? "";
}

/** Follows one account's entries. Over HTTP/1.1 a browser has six connections to a server, and each stream holds one. */
function follow(accountId: string): void {
  followed.abort();
  followed = new AbortController();
  entries.begin(accountId);
  form.sourceChanged();
  const follower = {
    entry: (entry: Parameters<EntryList["add"]>[0]) => {
      entries.add(entry);
      void refresh();
    },
    connection: showConnection,
  };
  followEntries(transport, accountId, follower, followed.signal).catch(showFailure);
}

/** Reads the accounts that are shown; those that ask meanwhile get one more reading together. */
async function refresh(accountIds: readonly string[] = accounts.ids): Promise<void> {
  isStale = true;
  if (isReading) {
    return;
  }
  isReading = true;
  while (isStale) {
    isStale = false;
    await Promise.all(accountIds.map(showAccount));
  }
  isReading = false;
  form.sourceChanged();
}

/** @returns why it can't be shown, if it can't */
async function showAccount(accountId: string): Promise<string | undefined> {
  try {
    const result = await client.getAccount.result({ accountId });
    if (result.ok && result.value.account !== undefined) {
      accounts.show(result.value.account);
      return undefined;
    }
    return result.error?.code === "ACCOUNT_NOT_FOUND"
      ? `There is no account “${accountId}”.`
      : "The ledger can't reach its books right now.";
  } catch (error) {
    if (error instanceof LedgerError) {
      return "The ledger doesn't answer.";
    }
    throw error;
  }
}

async function showAnother(): Promise<void> {
  const input = byId("show-id", HTMLInputElement);
  const accountId = input.value.trim();
  const problem = accountId === "" ? "Which account?" : await showAccount(accountId);
  byId("show-problem", HTMLParagraphElement).textContent = problem ?? "";
  if (problem === undefined) {
    input.value = "";
    accounts.choose(accountId);
  }
}

function showConnection(connection: Connection): void {
  const shown = byId("connection", HTMLParagraphElement);
  shown.dataset.state = connection.state;
  shown.textContent = {
    connecting: "Connecting…",
    live: "Live",
    waiting: "Reconnecting…",
  }[connection.state];
}

function showFailure(error: unknown): void {
  const shown = byId("connection", HTMLParagraphElement);
  shown.dataset.state = "waiting";
  shown.textContent = error instanceof LedgerError ? error.message : "Something is wrong with this page. Load it anew.";
}
