import { ledgerClients } from "../../clients/ledger/ledger-client.js";
import { DuplicateRequestError, LedgerUnavailableError } from "../../gen/ledger/v1/errors.js";
import type { Cast } from "../cast.js";
import { euros, money } from "../money.js";
import { openSlowLink } from "../slow-link.js";

/** Opens the accounts of the play. */
export async function accounts({ stage, ledger }: Cast): Promise<void> {
  await stage.chapter(
    "Accounts",
    "Each call is two log lines, with the fields that the contract names. The holder's name and IBAN are `debug_redact`: " +
      "redacted wherever a message is printed, except for the four characters that a mask lets through.",
    async (caller) => {
      for (const [accountId, holderName, iban] of [
        ["alice", "Alice Abendroth", "DE02120300000000202051"],
        ["bob", "Bob Blumenfeld", "DE02500105170137075030"],
        ["flower-shop", "Flora GmbH", "DE02100500000054540402"],
      ] as const) {
        caller.calls(`ledger.openAccount(${accountId}, EUR)`);
        const { account } = await ledger.openAccount({ accountId, holderName, iban, currencyCode: "EUR" });
        caller.gets(`${account?.accountId} has ${money(account?.balance)}, version ${account?.version}`);
      }
    },
    { payloads: true },
  );
}

/** A request that breaks two rules of its proto, told both at once. */
export async function invalidRequest({ stage, ledger }: Cast): Promise<void> {
  await stage.chapter(
    "Two rules broken",
    "The rules stand in the proto, as `buf.validate` options: no code of the ledger's saw this request. The caller learns of " +
      "all fields that are wrong; the log gets no value of a redacted one.",
    async (caller) => {
      caller.calls('ledger.openAccount.result(carol, IBAN "my savings", euro)');
      const { error } = await ledger.openAccount.result({
        accountId: "carol",
        holderName: "Carol Citron",
        iban: "my savings",
        currencyCode: "euro",
      });
      if (error?.code !== "INVALID_FIELD" || error.badRequest?.fieldViolations.length !== 2) {
        throw new Error("the IBAN and the currency should both have been refused", { cause: error });
      }
      caller.refused(`${error.name}: ${error.message}`);
      for (const { field, description } of error.badRequest.fieldViolations) {
        caller.notes(`${field}: ${description}`);
      }
    },
  );
}

/** A transfer that works. */
export async function goodTransfer({ stage, ledger }: Cast): Promise<void> {
  await stage.chapter(
    "A good transfer",
    "No deadline is named, so the contract's holds: 2s. No request id either, so the client makes one up: it stays the " +
      "same when the call is sent again.",
    async (caller) => {
      caller.calls("ledger.transfer(alice → bob, 25.00 EUR)");
      const booked = await ledger.transfer({
        transfer: { sourceAccountId: "alice", destinationAccountId: "bob", amount: euros(25), memo: "Concert" },
      });
      caller.gets(`transfer ${booked.transferId}: alice has ${money(booked.sourceBalance)} left`);
    },
  );
}

/** A transfer that isn't covered, taken as a result. */
export async function insufficientFunds({ stage, ledger }: Cast): Promise<void> {
  await stage.chapter(
    "Insufficient funds",
    "`.result` gives what the contract declares as a value, with its own type: a switch over `error.code` is exhaustive, " +
      "and `error.metadata` has the keys that INSUFFICIENT_FUNDS declares.",
    async (caller) => {
      caller.calls("ledger.transfer.result(bob → alice, 9,999.00 EUR)");
      const result = await ledger.transfer.result({
        transfer: { sourceAccountId: "bob", destinationAccountId: "alice", amount: euros(9_999) },
      });
      if (result.ok) {
        throw new Error("bob can't have that much");
      }
      const { error } = result;
      switch (error.code) {
        case "INSUFFICIENT_FUNDS":
          caller.refused(`${error.name}: ${error.message}`);
          caller.notes(`metadata.balance = ${error.metadata.balance}, metadata.amount = ${error.metadata.amount}`);
          break;
        default:
          throw error;
      }
    },
  );
}

/** The same request twice, and its id for another one. */
export async function duplicateRequest({ stage, ledger }: Cast): Promise<void> {
  await stage.chapter(
    "A duplicate request",
    "The same request again is answered with the original result, and moves nothing. Another one under the same id is a " +
      "mistake: the database's unique violation becomes DUPLICATE_REQUEST, by one line in driver-errors.ts.",
    async (caller) => {
      const requestId = "rent-november";
      const transfer = { sourceAccountId: "alice", destinationAccountId: "bob", amount: euros(400) };
      for (const attempt of ["", ", once more"]) {
        caller.calls(`ledger.transfer(alice → bob, 400.00 EUR, "${requestId}")${attempt}`);
        const booked = await ledger.transfer({ requestId, transfer });
        caller.gets(`transfer ${booked.transferId}, replayed: ${booked.replayed}`);
      }
      caller.calls(`ledger.transfer(alice → bob, 450.00 EUR, "${requestId}")`);
      try {
        await ledger.transfer({ requestId, transfer: { ...transfer, amount: euros(450) } });
      } catch (error) {
        if (!(error instanceof DuplicateRequestError)) {
          throw error;
        }
        caller.refused(`${error.name}: ${error.message}`);
      }
    },
  );
}

/** Two people change one account; the one who knows less starts over. */
export async function staleAnchor({ stage, ledger }: Cast): Promise<void> {
  await stage.chapter(
    "A stale anchor, retried",
    "Optimistic concurrency: a transfer may name the version of the account on which its decision rests. Sending it again " +
      "unchanged can't help, so the server forbids that (`RESEND_NEVER`); reading again and deciding anew does.",
    async (caller) => {
      const transfer = { sourceAccountId: "alice", destinationAccountId: "flower-shop", amount: euros(30) };
      for (let attempt = 1; attempt <= 3; attempt++) {
        caller.calls("ledger.getAccount(alice)");
        const { account } = await ledger.getAccount({ accountId: "alice" });
        caller.gets(`${money(account?.balance)}, version ${account?.version}`);
        if (attempt === 1) {
          caller.notes("meanwhile, somebody else spends 10.00 EUR of alice's");
          await ledger.transfer({ transfer: { ...transfer, amount: euros(10) } });
        }
        const anchor = account?.version ?? 0n;
        caller.calls(`ledger.transfer.result(alice → flower-shop, 30.00 EUR, anchor ${anchor})`);
        const result = await ledger.transfer.result({ transfer, anchor });
        if (result.ok) {
          caller.gets(`transfer ${result.value.transferId}: alice is at version ${result.value.sourceVersion} now`);
          return;
        }
        if (result.error.code !== "STALE_ANCHOR") {
          throw result.error;
        }
        caller.refused(`${result.error.name}: ${result.error.message}`);
      }
      throw new Error("alice's account never held still");
    },
  );
}

/** A deadline that passes while the answer is under way. */
export async function deadline({ stage, ledger, ledgerServer }: Cast): Promise<void> {
  const link = await openSlowLink(ledgerServer.port ?? 0);
  const distant = ledgerClients(link.address);
  try {
    // Connects, as long as the link is still quick.
    await distant.ledger.getAccount({ accountId: "alice" }, { timeoutMs: 10_000 });
    await stage.chapter(
      "A deadline",
      "The network is slow, and the caller gives up. Was the transfer booked? The caller can't know, but it can ask again " +
        "under the same request id, whatever happened.",
      async (caller) => {
        const request = {
          requestId: "birthday-present",
          transfer: { sourceAccountId: "alice", destinationAccountId: "bob", amount: euros(50) },
        };
        link.delayMs = 600;
        caller.calls('ledger.transfer(alice → bob, 50.00 EUR, "birthday-present"), timeoutMs: 250');
        const started = performance.now();
        try {
          await distant.ledger.transfer(request, { timeoutMs: 250 });
        } catch (error) {
          if (!(error instanceof LedgerUnavailableError)) {
            throw error;
          }
          caller.refused(`${error.name} after ${Math.round(performance.now() - started)} ms: ${error.message}`);
        }
        caller.calls('ledger.transfer(alice → bob, 50.00 EUR, "birthday-present"), on a quick link');
        const booked = await ledger.transfer(request);
        caller.gets(
          `transfer ${booked.transferId}, replayed: ${booked.replayed}: it had been booked, and still is only once`,
        );
      },
    );
  } finally {
    distant.close();
    link.close();
  }
}
