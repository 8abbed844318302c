import type { MessageInitShape } from "@bufbuild/protobuf";
import { Outbox } from "../../clients/outbox.js";
import type { WatchRequestSchema } from "../../gen/ledger/v1/ledger_pb.js";
import type { Cast } from "../cast.js";
import { euros, money } from "../money.js";

const LINES = 3_000;

/** Money comes in: a client stream. */
export async function bulkImport({ stage, ledger }: Cast): Promise<void> {
  await stage.chapter(
    "A bulk import (client stream)",
    "A bank statement, sent line by line as fast as the server reads. Each line is booked once, so an import that broke " +
      "off is just sent again.",
    async (caller) => {
      caller.calls(`ledger.importEntries(${LINES.toLocaleString("en")} lines)`);
      const first = await ledger.importEntries(statement());
      caller.gets(`booked ${first.booked}, skipped ${first.skipped}`);
      caller.calls("ledger.importEntries(the same lines)");
      const second = await ledger.importEntries(statement());
      caller.gets(`booked ${second.booked}, skipped ${second.skipped}`);
    },
  );
}

async function* statement() {
  for (let number = 1; number <= LINES; number++) {
    yield { reference: `statement-7/${number}`, accountId: "alice", amount: euros(1), memo: `Ticket ${number}` };
  }
}

/** Entries as they come: a server stream that the caller leaves. */
export async function entries({ stage, ledger }: Cast): Promise<void> {
  await stage.chapter(
    "A list of entries (server stream)",
    "An async iterable. Leaving the loop cancels the call, and the server stops reading its database: it is never further " +
      "ahead than what the connection holds.",
    async (caller) => {
      caller.calls("for await (… of ledger.listEntries(bob))");
      for await (const { entry } of ledger.listEntries({ accountId: "bob" })) {
        caller.gets(`${money(entry?.amount)} from ${entry?.counterpartyAccountId}, balance ${money(entry?.balance)}`);
      }
      caller.calls("for await (… of ledger.listEntries(alice)), for three of them");
      let count = 0;
      for await (const { entry } of ledger.listEntries({ accountId: "alice" })) {
        caller.gets(`${money(entry?.amount)}, balance ${money(entry?.balance)}`);
        count += 1;
        if (count === 3) {
          break;
        }
      }
      caller.notes("break");
    },
  );
}

/** Balances as they change: both sides of the stream at once. */
export async function watch({ stage, ledger }: Cast): Promise<void> {
  await stage.chapter(
    "Watching balances (both streams at once)",
    "The caller subscribes to accounts while the stream is open. Balances come from the database's own notifications, so " +
      "it wouldn't matter which replica booked the transfer.",
    async (caller) => {
      const requests = new Outbox<MessageInitShape<typeof WatchRequestSchema>>();
      // A watch lasts as long as its caller wants: the contract has no deadline for it, so the types ask for one here.
      const balances = ledger.watch(requests, { timeoutMs: 10_000 })[Symbol.asyncIterator]();
      const next = async () => {
        const { value, done } = await balances.next();
        caller.gets(done ? "the watch has ended" : `${value.accountId} has ${money(value.balance)}`);
      };
      const give = async (destinationAccountId: string) => {
        caller.notes(`alice gives ${destinationAccountId} 5.00 EUR`);
        await ledger.transfer({ transfer: { sourceAccountId: "alice", destinationAccountId, amount: euros(5) } });
      };
      const send = (kind: "subscribe" | "unsubscribe", accountId: string) => {
        caller.calls(`${kind} ${accountId}`);
        requests.send({ change: { case: kind, value: { accountIds: [accountId] } } });
      };

      send("subscribe", "bob");
      await next();
      await give("bob");
      await next();
      send("unsubscribe", "bob");
      send("subscribe", "flower-shop");
      await next();
      await give("bob");
      await give("flower-shop");
      await next();
      caller.calls("no more requests");
      requests.close();
      await next();
    },
  );
}
