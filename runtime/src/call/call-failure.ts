import { randomBytes } from "node:crypto";
import { ContractError } from "../errors/contract-error.js";
import { detailTypeName } from "../errors/error-detail.js";
import {
  convertByPairs,
  type DeclaredErrorClass,
  type ErrorMap,
  type ErrorPair,
  mostDerivedFirst,
} from "../errors/error-map.js";
import {
  type PackedStatus,
  packDetails,
  packStatusDetails,
  retryDelayMs,
  STATUS_DETAILS_TRAILER,
} from "../errors/status-details.js";
import { StatusError } from "../errors/status-error.js";
import { loggedError } from "../log/logged-error.js";
import type { LogLevel } from "../log/logger.js";
import { type AnswerRoom, DEFAULT_ANSWER_METADATA_BYTES, roomForField } from "../wire/answer-size.js";
import { normalizeStatus, Status, statusName } from "../wire/status.js";
import { statusMessage } from "../wire/text-limits.js";

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
export type SendableErrors = Pick<ErrorMap, "domain" | "detail" | "convert" | "entryOf"> &
  Partial<Pick<ErrorMap, "catalog" | "entries" | "imports">>;

/** What a method does with what it throws. */
export interface ErrorPolicy {
  readonly errors: SendableErrors;
  /** The classes that the method declares; `undefined`: every class of the map. */
  readonly raises: readonly DeclaredErrorClass[] | undefined;
  /** With which statuses a {@link StatusError} leaves as it is. Default: with none. */
  readonly passThrough?: ReadonlySet<Status> | undefined;
  /** Errors of any contract count as known ones: outside of a served call nobody says whose they are. */
  readonly anyContract?: boolean;
}

/** The policy of a method that has no error handler, and so no contract for its errors: none is declared. */
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

/**
 * A callback of the user's answered with what can't be used: a verifier with a number, an interceptor with nothing. It ends a
 * call as INTERNAL, and none of the user's error pairs makes anything else of it.
 */
export class UnusableAnswer extends TypeError {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "UnusableAnswer";
  }
}

/**
 * Says how a call ends whose handler threw `thrown`. Never throws, whatever it was.
 *
 * @param room what the answer may take, for its details
 */
export function failureOf(thrown: unknown, policy: ErrorPolicy, room: AnswerRoom = DEFAULT_ROOM): CallFailure {
  try {
    if (thrown instanceof UnusableAnswer) {
      return internalFailure(thrown);
    }
    return thrown instanceof RefusedCall
      ? refused(thrown.status, thrown.message, thrown.level, thrown.cause)
      : failureFromPolicy(thrown, policy, room);
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
    err: err === undefined ? loggedError(err) : err,
  };
}

/** A failure of the runtime's own: it says what is wrong with the call, and nothing else. */
export function refused(status: Status, message: string, level: LogLevel = "warn", err?: unknown): CallFailure {
  return { status, message: statusMessage(message), level, ...(err === undefined ? {} : { err }) };
}

const DEFAULT_ROOM: AnswerRoom = { limit: DEFAULT_ANSWER_METADATA_BYTES, taken: 0 };

function failureFromPolicy(thrown: unknown, policy: ErrorPolicy, room: AnswerRoom): CallFailure {
  const { errors, raises, passThrough, anyContract = false } = policy;
  const converted = errors.convert(thrown);
  if (converted.failedWith !== undefined) {
    const text = "The converter of an error pair threw; the error that it was given is in `errors`";
    return internalFailure(new AggregateError([thrown], text, { cause: converted.failedWith }));
  }
  const { error } = converted;
  if (error instanceof StatusError) {
    return passThrough?.has(error.status) ? passedThrough(error, room) : internalFailure(notLetThrough(error));
  }
  if (!(error instanceof ContractError) || error.status === Status.OK) {
    return internalFailure(error);
  }
  const known = anyContract || errors.entryOf(error) !== undefined;
  const declared = raises === undefined ? known : raises.some((exception) => error instanceof exception);
  // What another server answered is not this one's answer, unless the contract says so; and what no catalogue declares, as the
  // base class and those of categories, is nobody's.
  if (!declared && (error.remote || !known)) {
    return { ...internalFailure(error), undeclared: true };
  }
  return sendableFailure(error, thrown, declared, { errors, room });
}

function passedThrough(error: StatusError, room: AnswerRoom): CallFailure {
  const { status, details } = error;
  const message = statusMessage(error.message);
  const most = roomForField(room, STATUS_DETAILS_TRAILER, message);
  const packed =
    details.length === 0 ? {} : pack(most, () => packDetails({ status, message: error.message, details }, most));
  const err = packed.incomplete ?? (error.cause === undefined ? undefined : error);
  return {
    status,
    message,
    level: "warn",
    ...(packed.details && { details: packed.details }),
    undeclared: true,
    ...(err !== undefined && { err }),
  };
}

function notLetThrough(error: StatusError): Error {
  const text =
    `A StatusError of ${statusName(error.status)} was thrown, which leaves as INTERNAL: ` +
    "declare an error in the contract, or name the status in `passThrough` where the service is bound";
  return new Error(text, { cause: error });
}

function sendableFailure(
  error: ContractError,
  thrown: unknown,
  declared: boolean,
  { errors, room }: { readonly errors: SendableErrors; readonly room: AnswerRoom },
): CallFailure {
  const { entry, map } = errors.entryOf(error) ?? { entry: undefined, map: errors };
  const { code, message, metadata, details } = error;
  const status = normalizeStatus(error.status);
  const retryAfterMs = delayOf(error.retryAfterMs ?? retryDelayMs(details) ?? entry?.retryAfterMs);
  const { domain, detail } = map;
  const docUrl = entry?.docUrl;
  const sentMessage = statusMessage(message);
  const most = roomForField(room, STATUS_DETAILS_TRAILER, sentMessage);
  const packed = pack(most, () =>
    packStatusDetails({ status, code, message, metadata, domain, detail, details, retryAfterMs, docUrl }, most),
  );
  const pushback = entry?.neverResend ? "-1" : retryAfterMs?.toString();
  // A declared error needs no stack; what led to it does.
  const err =
    packed.incomplete ?? (error.cause !== undefined || !declared ? error : thrown === error ? undefined : thrown);
  return {
    status,
    message: sentMessage,
    level: declared ? "warn" : "error",
    code,
    ...(packed.details && { details: packed.details }),
    ...(pushback !== undefined && { pushback }),
    ...(declared ? {} : { undeclared: true }),
    ...(err !== undefined && { err }),
  };
}

// Details that can't be packed must not hide the status. What isn't sent is logged by its type: its text may be redacted.
function pack(
  maxBytes: number,
  packing: () => PackedStatus,
): { readonly details?: Buffer; readonly incomplete?: unknown } {
  try {
    const { bytes, dropped } = packing();
    if (dropped.length === 0) {
      return { details: bytes };
    }
    const left = dropped.map((detail) => `${detailTypeName(detail)} (${detail.value.byteLength} bytes)`).join(", ");
    return {
      details: bytes,
      incomplete: new Error(`An error's details have no room within ${maxBytes} bytes, and aren't sent: ${left}`),
    };
  } catch (incomplete) {
    return { incomplete };
  }
}

function delayOf(milliseconds: number | undefined): number | undefined {
  return milliseconds !== undefined && Number.isFinite(milliseconds)
    ? Math.max(0, Math.round(milliseconds))
    : undefined;
}
