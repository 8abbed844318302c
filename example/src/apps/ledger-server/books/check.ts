import { InvalidFieldError } from "../../../gen/ledger/v1/errors.js";

/** The largest amount of one booking: so far below what `bigint` holds that no sum of bookings gets there. */
const MAX_MINOR_UNITS = 10n ** 15n;

/** The error of a field that can't be right: in the catalogue's words, and in those that tools know. */
export function invalidField(field: string, problem: string): InvalidFieldError {
  return new InvalidFieldError(
    { field, problem },
    { badRequest: { fieldViolations: [{ field, description: problem }] } },
  );
}

/** @throws {InvalidFieldError} The code isn't one of ISO 4217's kind. */
export function checkCurrency(field: string, currencyCode: string): void {
  if (!/^[A-Z]{3}$/.test(currencyCode)) {
    throw invalidField(field, "must be three capital letters, as in ISO 4217");
  }
}

/** @throws {InvalidFieldError} The amount is zero or absurdly large, or its currency isn't one. */
export function checkAmount(field: string, amount: { minorUnits: bigint; currencyCode: string }): void {
  const { minorUnits, currencyCode } = amount;
  if (minorUnits === 0n) {
    throw invalidField(`${field}.minor_units`, "must not be zero");
  }
  if (minorUnits > MAX_MINOR_UNITS || minorUnits < -MAX_MINOR_UNITS) {
    throw invalidField(`${field}.minor_units`, `must not be over ${MAX_MINOR_UNITS}`);
  }
  checkCurrency(`${field}.currency_code`, currencyCode);
}

/** @throws {InvalidFieldError} An id that somebody else made is missing, or longer than any id needs to be. */
export function checkIdentifier(field: string, value: string): void {
  if (value === "" || value.length > 100) {
    throw invalidField(field, "must be 1 to 100 characters");
  }
}
