import { type ErrorPair, errorPair } from "@accord-grpc/runtime";
import {
  AccountExistsError,
  DuplicateRequestError,
  SerializationConflictError,
  StoreUnavailableError,
} from "../../gen/ledger/v1/errors.js";
import { DatabaseUnavailable, SerializationFailure, UniqueViolation } from "./database/database-errors.js";

/**
 * What the database's errors mean to a caller: pairs of an error class and the declared error that it becomes. They are
 * given to the server once, and hold for every method.
 *
 * An error that no pair knows is a defect: its caller learns an error id, and its stack is in the log.
 */
export const DRIVER_ERRORS: readonly ErrorPair[] = [
  errorPair(UniqueViolation, (violation) =>
    violation.constraint === "transfers_request_id_key"
      ? new DuplicateRequestError({ request_id: violation.value }, { cause: violation })
      : new AccountExistsError({ field: "iban" }, { cause: violation }),
  ),
  errorPair(SerializationFailure, (failure) => new SerializationConflictError({}, { cause: failure })),
  errorPair(DatabaseUnavailable, (failure) => new StoreUnavailableError({}, { cause: failure })),
];
