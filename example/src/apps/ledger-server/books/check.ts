import { InvalidFieldError } from "../../../gen/ledger/v1/errors.js";

// What the form of a request must be stands in the protos, as rules of `buf.validate`: what breaks them doesn't get here. Here is what the
// books refuse whoever asks: what depends on two fields, and what holds for amounts that move but not for balances, which are the same message.

/** The largest amount of one booking: so far below what `bigint` holds that no sum of bookings gets there. */
const MAX_MINOR_UNITS = 10n ** 15n;

/** The error of a field that can't be right: in the catalogue's words, and in those that tools know. */
export function invalidField(field: string, problem: string): InvalidFieldError {
  return new InvalidFieldError(
    { field, problem },
    { badRequest: { fieldViolations: [{ field, description: problem }] } },
  );
}

/** @throws {InvalidFieldError} The amount is zero or absurdly large. */
export function checkAmount(field: string, minorUnits: bigint): void {
  if (minorUnits === 0n) {
    throw invalidField(`${field}.minor_units`, "must not be zero");
  }
  if (minorUnits > MAX_MINOR_UNITS || minorUnits < -MAX_MINOR_UNITS) {
    throw invalidField(`${field}.minor_units`, `must not be over ${MAX_MINOR_UNITS}`);
  }
}
