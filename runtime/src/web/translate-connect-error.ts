import { create } from "@bufbuild/protobuf";
import { type Any, AnySchema, anyPack } from "@bufbuild/protobuf/wkt";
import { ConnectError } from "@connectrpc/connect";
import type { ContractError } from "../errors/contract-error.js";
import type { ErrorMap } from "../errors/error-map.js";
import { statusDetails } from "../errors/status-details.js";
import { translateDetailed } from "../errors/translation.js";

/**
 * Makes an error of a contract of what a client of connect's threw: for those who call by connect's own clients, or by connect-query.
 *
 * A code that the contract declares becomes the declared error, with its typed metadata; any other becomes the class of its status's
 * category. What isn't a `ConnectError` is taken for what connect makes of it: an `AbortError` is CANCELLED. Never throws.
 *
 * @param errors the error map of the service's package: `LEDGER_ERROR_MAP`
 * @param from the function with whose caller the stack trace begins
 */
export function translateConnectError(
  thrown: unknown,
  errors: ErrorMap,
  from: (...args: never[]) => unknown = translateConnectError,
): ContractError {
  const error = ConnectError.from(thrown);
  const status = { code: error.code as number, details: error.rawMessage, cause: error };
  const details = error.details.map(anyOf);
  const read = details.length === 0 ? undefined : statusDetails({ message: error.rawMessage, details }, errors);
  return translateDetailed(status, read, errors, from);
}

function anyOf(detail: ConnectError["details"][number]): Any {
  return "desc" in detail
    ? anyPack(detail.desc, create(detail.desc, detail.value))
    : create(AnySchema, { typeUrl: `type.googleapis.com/${detail.type}`, value: detail.value });
}
