import type { CallStatus } from "../wire/call-status.js";
import { normalizeStatus, Status, statusName } from "../wire/status.js";
import type { ContractError, ContractErrorOptions } from "./contract-error.js";
import type { ErrorMap, ErrorMapEntry } from "./error-map.js";
import { type StatusDetails, unpackStatusDetails } from "./status-details.js";

/**
 * Makes the error that a status stands for.
 *
 * - A code that the contract declares, in a domain that the error map knows, becomes the declared error.
 * - Any other code becomes the class of its status's category, with the code that was sent.
 * - Without details, or with ones that can't be read, the code is the status's name.
 *
 * The gRPC status is believed before `google.rpc.Status.code`; a status that doesn't exist becomes UNKNOWN. All errors
 * have `remote` set: none of them is this process's own answer to its callers. Never throws.
 *
 * @param from the function with whose caller the stack trace begins
 */
export function translateStatus(
  status: CallStatus,
  errors: ErrorMap,
  from: (...args: never[]) => unknown = translateStatus,
): ContractError {
  return translateDetailed(status, unpackStatusDetails(status.metadata, errors), errors, from);
}

/** What ended a call, apart from its details. */
export interface PlainStatus {
  readonly code: number;
  /** The status message. */
  readonly details: string;
  readonly received?: number | undefined;
  readonly cause?: unknown;
}

/** As {@link translateStatus}, with details that were read already. */
export function translateDetailed(
  status: PlainStatus,
  details: StatusDetails | undefined,
  errors: ErrorMap,
  from: (...args: never[]) => unknown,
): ContractError {
  const { stackTraceLimit } = Error;
  // Each frame costs half a microsecond, and what makes the error would be most of those that there are.
  Error.stackTraceLimit = 0;
  let error: ContractError;
  try {
    error = makeError(status, details, errors);
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
  // V8's own; other engines have the stack from where the error was made.
  Error.captureStackTrace?.(error, from);
  return error;
}

function makeError(status: PlainStatus, details: StatusDetails | undefined, errors: ErrorMap): ContractError {
  const code = normalizeStatus(status.code);
  // grpc-js passes on what it was given: a filter's plain Error has no details.
  const message = status.details || details?.message || "";
  const options: ContractErrorOptions = {
    remote: true,
    received: status.received,
    retryAfterMs: details?.retryAfterMs,
    details: details?.details,
    // An error without any gets that of its class.
    message: message || undefined,
    ...("cause" in status ? { cause: status.cause } : undefined),
  };
  const entry = declaredEntry(details, errors);
  if (entry !== undefined) {
    return declaredError(entry, details?.metadata ?? {}, options);
  }
  const Category = errors.categoryOf(code);
  return new Category(
    {
      code: details?.code ?? statusName(code),
      // OK is here only if the peer's answer was OK and broken: an error never has that status.
      status: code === Status.OK ? Status.UNKNOWN : code,
      message: message || statusName(code),
      metadata: details?.metadata,
    },
    options,
  );
}

// A code alone isn't enough: two domains may use one name for different things.
function declaredEntry(details: StatusDetails | undefined, errors: ErrorMap): ErrorMapEntry | undefined {
  if (details?.code === undefined || details.domain === undefined) {
    return undefined;
  }
  return errors.entryByCode(details.code, details.domain)?.entry;
}

function declaredError(
  entry: ErrorMapEntry,
  received: Readonly<Record<string, string>>,
  options: ContractErrorOptions,
): ContractError {
  // An older or newer peer may know other keys: the declared ones are always there, and the others aren't lost.
  const missing = entry.metadata.filter((key) => !Object.hasOwn(received, key));
  const metadata =
    missing.length === 0 ? received : { ...Object.fromEntries(missing.map((key) => [key, ""])), ...received };
  // Each class has its own metadata; these are its keys.
  return new entry.exception(metadata as never, options);
}
