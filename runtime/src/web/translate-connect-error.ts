import { create } from "@bufbuild/protobuf";
import { type Any, AnySchema, anyPack } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError } from "@connectrpc/connect";
import type { ContractError } from "../errors/contract-error.js";
import type { ErrorMap } from "../errors/error-map.js";
import { statusDetails } from "../errors/status-details.js";
import { translateDetailed } from "../errors/translation.js";

/**
 * Makes an error of a contract of what a client of connect's threw: for those who call by connect's own clients, or by connect-query.
 *
 * A code that the contract declares becomes the declared error, with its typed metadata; any other becomes the class of its status's
 * category. What isn't a `ConnectError` is taken for what connect makes of it: an `AbortError` is CANCELLED. A network that fails, of which
 * connect says UNKNOWN, is UNAVAILABLE, as by gRPC. Never throws.
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
  const code = isNetworkFault(error) ? Code.Unavailable : error.code;
  const status = { code: code as number, details: error.rawMessage, cause: error };
  const details = error.details.map(anyOf);
  const read = details.length === 0 ? undefined : statusDetails({ message: error.rawMessage, details }, errors);
  return translateDetailed(status, read, errors, from);
}

// fetch rejects with a TypeError when the network fails (https://fetch.spec.whatwg.org/#fetch-method), and each engine has its own words:
// Chromium, Firefox, Safari, Node; before the response's headers and behind them.
const NETWORK_FAULT =
  /^(?:failed to fetch|network ?error\b|error in input stream|load failed|the network connection was lost|fetch failed|terminated$)/i;

/** Whether connect couldn't reach anybody: a TypeError of another kind is a fault of the program. */
function isNetworkFault({ code, cause }: ConnectError): boolean {
  return code === Code.Unknown && cause instanceof TypeError && NETWORK_FAULT.test(cause.message);
}

function anyOf(detail: ConnectError["details"][number]): Any {
  return "desc" in detail
    ? anyPack(detail.desc, create(detail.desc, detail.value))
    : create(AnySchema, { typeUrl: `type.googleapis.com/${detail.type}`, value: detail.value });
}
