import { randomBytes } from "node:crypto";
import { ContractError } from "../errors/contract-error.js";
import {
  convertByPairs,
  type DeclaredErrorClass,
  type ErrorMap,
  type ErrorPair,
  mostDerivedFirst,
} from "../errors/error-map.js";
import { packStatusDetails } from "../errors/status-details.js";
import type { LogLevel } from "../log/logger.js";
import { normalizeStatus, Status } from "../wire/status.js";
import { statusMessage } from "../wire/text-limits.js";
import { asError } from "../wire/thrown-error.js";

/** How a failed call ends: what its caller reads, and what only the log says. */
export interface CallFailure {
  readonly status: Status;
  /** The status message. It is sent. */
  readonly message: string;
  readonly level: LogLevel;
  /** The business code. */
  readonly code?: string;
  /** The encoded `google.rpc.Status`. */
  readonly details?: Buffer;
  /** The value of the trailer `grpc-retry-pushback-ms`. */
  readonly pushback?: string;
  /** Ties what the caller reads to the log. */
  readonly errorId?: string;
  /** An error of the domain that the method doesn't declare. */
  readonly undeclared?: boolean;
  /** What was thrown, with its stack and causes. It is logged, and never sent. */
  readonly err?: unknown;
}

/** What of an error map is needed to send an error. */
export type SendableErrors = Pick<ErrorMap, "domain" | "detail" | "convert" | "entryOf">;

/** What a method does with what it throws. */
export interface ErrorPolicy {
  readonly errors: SendableErrors;
  /** The classes that the method declares; `undefined`: every class of the map. */
  readonly raises: readonly DeclaredErrorClass[] | undefined;
}

/** The policy of a method that has no error handler: errors of any contract are sent, as undeclared ones. */
export function undeclaredErrors(domain: string, pairs: readonly ErrorPair[] = []): ErrorPolicy {
  const sorted = mostDerivedFirst(pairs);
  const convert = (error: unknown) => convertByPairs(error, sorted);
  return { errors: { domain, detail: undefined, convert, entryOf: () => undefined }, raises: [] };
}

/**
 * A status that the runtime itself answers with: a refusal, an unknown health service. Its message is sent.
 *
 * Not for users: what they throw is an error of their contract, or unknown.
 */
export class RefusedCall extends Error {
  readonly status: Status;
  readonly level: LogLevel;

  constructor(status: Status, message: string, options: { readonly level?: LogLevel; readonly cause?: unknown } = {}) {
    super(message, "cause" in options ? { cause: options.cause } : undefined);
    this.name = "RefusedCall";
    this.status = status;
    this.level = options.level ?? "warn";
  }
}

/** Says how a call ends whose handler threw `thrown`. Never throws, whatever it was. */
export function failureOf(thrown: unknown, policy: ErrorPolicy): CallFailure {
  try {
    return thrown instanceof RefusedCall
      ? refused(thrown.status, thrown.message, thrown.level, thrown.cause)
      : failureFromPolicy(thrown, policy);
  } catch (error) {
    // A proxy, a hostile getter: even looking at what was thrown can throw.
    return internalFailure(error);
  }
}

/** A failure that says nothing to the caller but an error id, under which the log has the rest. */
export function internalFailure(err: unknown, text = "Internal error"): CallFailure {
  const errorId = randomBytes(6).toString("hex");
  return {
    status: Status.INTERNAL,
    message: `${text} (error id ${errorId})`,
    level: "error",
    errorId,
    err: asError(err),
  };
}

/** A failure of the runtime's own: it says what is wrong with the call, and nothing else. */
export function refused(status: Status, message: string, level: LogLevel = "warn", err?: unknown): CallFailure {
  return { status, message: statusMessage(message), level, ...(err === undefined ? {} : { err }) };
}

function failureFromPolicy(thrown: unknown, policy: ErrorPolicy): CallFailure {
  const { errors, raises } = policy;
  const converted = errors.convert(thrown);
  if (converted.failedWith !== undefined) {
    const failed = new Error("The converter of an error pair threw; the error that it was given is `thrown`", {
      cause: converted.failedWith,
    });
    return internalFailure(Object.assign(failed, { thrown }));
  }
  const { error } = converted;
  if (!(error instanceof ContractError) || error.status === Status.OK) {
    return internalFailure(error);
  }
  const declared =
    raises === undefined ? errors.entryOf(error) !== undefined : raises.some((exception) => error instanceof exception);
  // What another server answered is not this one's answer, unless the contract says so.
  if (error.remote && !declared) {
    return internalFailure(error);
  }
  return sendableFailure(error, thrown, declared, errors);
}

function sendableFailure(
  error: ContractError,
  thrown: unknown,
  declared: boolean,
  errors: SendableErrors,
): CallFailure {
  const { entry, map } = errors.entryOf(error) ?? { entry: undefined, map: errors };
  const retryAfterMs = delayOf(error.retryAfterMs ?? entry?.retryAfterMs);
  const packed = pack(error, map, retryAfterMs, entry?.docUrl);
  const pushback = entry?.neverResend ? "-1" : retryAfterMs?.toString();
  // A declared error needs no stack; what led to it does.
  const err =
    packed.failedWith ?? (error.cause !== undefined || !declared ? error : thrown === error ? undefined : thrown);
  return {
    status: normalizeStatus(error.status),
    message: statusMessage(error.message),
    level: declared ? "warn" : "error",
    code: error.code,
    ...(packed.details && { details: packed.details }),
    ...(pushback !== undefined && { pushback }),
    ...(declared ? {} : { undeclared: true }),
    ...(err !== undefined && { err }),
  };
}

// Details that can't be packed must not hide the status.
function pack(
  error: ContractError,
  map: SendableErrors,
  retryAfterMs: number | undefined,
  docUrl: string | undefined,
): { readonly details?: Buffer; readonly failedWith?: unknown } {
  try {
    const { code, metadata, message } = error;
    const status = normalizeStatus(error.status);
    const { domain, detail } = map;
    return { details: packStatusDetails({ status, code, message, metadata, domain, detail, retryAfterMs, docUrl }) };
  } catch (failedWith) {
    return { failedWith };
  }
}

function delayOf(milliseconds: number | undefined): number | undefined {
  return milliseconds !== undefined && Number.isFinite(milliseconds)
    ? Math.max(0, Math.round(milliseconds))
    : undefined;
}
