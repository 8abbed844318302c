import { normalizeStatus, type Status } from "../wire/status.js";
import { ContractError } from "./contract-error.js";
import { StatusError } from "./status-error.js";

/** What each status is over HTTP: the table in google/rpc/code.proto. 499 is nginx's "the client has gone". */
const HTTP_STATUS: Readonly<Record<Status, number>> = {
  0: 200,
  1: 499,
  2: 500,
  3: 400,
  4: 504,
  5: 404,
  6: 409,
  7: 403,
  8: 429,
  9: 400,
  10: 409,
  11: 400,
  12: 501,
  13: 500,
  14: 503,
  15: 500,
  16: 401,
};

/**
 * The HTTP status that an error has for callers of an HTTP front, by the table of `google.rpc.Code`: 404 for NOT_FOUND, 503 for
 * UNAVAILABLE. What isn't an error of a contract is 500, as it is INTERNAL over gRPC.
 *
 * Never throws.
 */
export function httpStatusOf(error: unknown): number {
  const status = error instanceof ContractError || error instanceof StatusError ? error.status : undefined;
  return status === undefined ? 500 : HTTP_STATUS[normalizeStatus(status)];
}
