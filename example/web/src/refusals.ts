import type { LedgerError } from "../../src/gen/ledger/v1/errors.js";
import type { LedgerServiceTransferError } from "../../src/gen/ledger/v1/ledger_web.js";
import { shownMoney } from "./money.js";

/** What the form has that a refusal can be about. */
export type FormField = "destination" | "amount";

/** Why a transfer wasn't made, as a person reads it. */
export interface Refusal {
  readonly text: string;
  /** What to put right, if it is one of the form's fields. */
  readonly field?: FormField;
  /** Whether the same again may help, and can do no harm. */
  readonly canRepeat?: boolean;
}

/**
 * Puts a declared error into a customer's words. The compiler names each error that the contract declares and this leaves out.
 *
 * @param sourceAccountId the account that was to give
 */
export function refusalOf(error: LedgerServiceTransferError, sourceAccountId: string): Refusal {
  switch (error.code) {
    case "INSUFFICIENT_FUNDS": {
      const { balance, amount, currency } = error.metadata;
      const has = shownMoney({ minorUnits: BigInt(balance), currencyCode: currency });
      const wanted = shownMoney({ minorUnits: BigInt(amount), currencyCode: currency });
      return { text: `${sourceAccountId} has ${has}. That doesn't cover ${wanted}.`, field: "amount" };
    }
    case "ACCOUNT_NOT_FOUND":
      return { text: `There is no account “${error.metadata.account}”.`, field: "destination" };
    case "ACCOUNT_FROZEN":
      return error.metadata.account === sourceAccountId
        ? { text: `${sourceAccountId} is frozen: it can't give money at the moment.` }
        : { text: `${error.metadata.account} is frozen: it can't take money at the moment.`, field: "destination" };
    case "CURRENCY_MISMATCH": {
      const { account, held, offered } = error.metadata;
      return { text: `${account} takes ${held}, not ${offered}.`, field: "destination" };
    }
    case "STALE_ANCHOR":
      return {
        text: `${sourceAccountId} has changed in the meantime. Look at its balance, and send again if you still want to.`,
      };
    case "DUPLICATE_REQUEST":
      return { text: "This form was sent before, for another transfer. Look at the entries before you send again." };
    case "INVALID_FIELD": {
      const { field, problem } = error.metadata;
      return { text: `${fieldName(field)} ${problem}.`, ...formField(field) };
    }
    case "SERIALIZATION_CONFLICT":
      return { text: "Many are using these accounts right now. Nothing was booked.", canRepeat: true };
    case "STORE_UNAVAILABLE":
      return { text: "The ledger can't reach its books right now.", canRepeat: true };
  }
}

/** Puts what no contract declares into words: a network that is down, a server that is, time that is over. */
export function failureOf({ code, message }: LedgerError): Refusal {
  if (code === "UNAVAILABLE" || code === "DEADLINE_EXCEEDED") {
    return { text: "The ledger doesn't answer. It isn't known whether the transfer was made.", canRepeat: true };
  }
  // It has an error id for whoever reads the ledger's log, and says nothing of its inside.
  return { text: `That didn't work. ${message}.` };
}

const FIELDS: Readonly<Record<string, FormField>> = {
  "transfer.amount": "amount",
  "transfer.amount.minor_units": "amount",
  "transfer.destination_account_id": "destination",
};

function formField(path: string): { readonly field?: FormField } {
  const field = FIELDS[path];
  return field === undefined ? {} : { field };
}

function fieldName(path: string): string {
  const field = FIELDS[path];
  return field === undefined ? path : field === "amount" ? "The amount" : "The account";
}
