import { type ErrorPair, errorPair } from "@accord-grpc/runtime";
import { LedgerUnavailableError } from "../../gen/ledger/v1/errors.js";
import type { LedgerServiceTransferError } from "../../gen/ledger/v1/ledger_client.js";
import {
  DuplicatePaymentError,
  InvalidPaymentError,
  PaymentDeclinedError,
  type PaymentsError,
  TryAgainError,
  UnknownPartyError,
} from "../../gen/payments/v1/errors.js";

/**
 * What a refused transfer means to somebody who pays: the boundary between the two services' words.
 *
 * The switch has a case for each error that `Transfer` declares, and no default. When the ledger's contract gets another
 * one, this function doesn't compile until someone has decided what it means here.
 */
export function paymentErrorOf(error: LedgerServiceTransferError): PaymentsError {
  const because = { cause: error };
  switch (error.code) {
    case "INSUFFICIENT_FUNDS":
      // Not what the payer has: that is between the payer and the ledger.
      return new PaymentDeclinedError({ reason: "insufficient_funds" }, because);
    case "ACCOUNT_FROZEN":
      return new PaymentDeclinedError({ reason: "account_frozen" }, because);
    case "CURRENCY_MISMATCH":
      return new PaymentDeclinedError({ reason: "payer_has_another_currency" }, because);
    case "ACCOUNT_NOT_FOUND":
      return new UnknownPartyError({ account: error.metadata.account }, because);
    case "DUPLICATE_REQUEST":
      return new DuplicatePaymentError({ payment_id: error.metadata.request_id }, because);
    case "INVALID_FIELD":
      return new InvalidPaymentError({ problem: error.message }, because);
    case "SERIALIZATION_CONFLICT":
    case "STALE_ANCHOR":
    case "STORE_UNAVAILABLE":
      return new TryAgainError({}, because);
  }
}

/**
 * What is left for the server's error handler: the ledger can't be reached, or doesn't answer in time.
 *
 * The class stands for a category, so it also catches what later versions of the ledger call UNAVAILABLE.
 */
export const UPSTREAM_ERRORS: readonly ErrorPair[] = [
  errorPair(LedgerUnavailableError, (error) => new TryAgainError({}, { cause: error })),
];
