import { Metadata, type StatusObject } from "@grpc/grpc-js";
import { Status } from "./status.js";

// When a peer closes a connection with an error, Node says so to each of its streams, and grpc-js takes that for a fault of
// the stream's own. A Node server does it to clients that have cancelled too many calls.
const CONNECTION_CLOSED = /triggered by internal client error: Session closed with error code \d+$/;

/** How a call ended: what the peer or grpc-js said, or what the client itself decided. */
export interface CallStatus extends StatusObject {
  /** What led to it, if the client itself ended the call. */
  readonly cause?: unknown;
  /** Of a stream: how many responses its reader had had. */
  readonly received?: number;
}

/** A status that the client itself gives a call. */
export function clientStatus(code: Status, details: string, cause?: unknown): CallStatus {
  return { code, details, metadata: new Metadata(), ...(cause === undefined ? undefined : { cause }) };
}

/**
 * A status as grpc-js delivers it: a connection that was lost is UNAVAILABLE, and not INTERNAL; and what ended the call without
 * a code is INTERNAL, with its reason.
 */
export function receivedStatus(status: StatusObject): CallStatus {
  const { code } = (status ?? {}) as Partial<StatusObject>;
  if (typeof code !== "number") {
    return withoutCode(status);
  }
  return code === Status.INTERNAL && CONNECTION_CLOSED.test(status.details)
    ? { ...status, code: Status.UNAVAILABLE }
    : status;
}

// An interceptor or a filter failed: what it threw became the status, or is one of its fields.
function withoutCode(status: unknown): CallStatus {
  const { details, message, metadata } = (status ?? {}) as Partial<StatusObject & Error>;
  const reason = [details, message].find((text) => typeof text === "string" && text !== "");
  return {
    code: Status.INTERNAL,
    details: reason ?? "The call failed, and nothing says why",
    metadata: metadata ?? new Metadata(),
    ...(status instanceof Error && { cause: status }),
  };
}

/**
 * A status that came when a call's deadline was all but over: a reset is the deadline's. The server's clock was a little
 * ahead of this one, and reset what it could no longer answer.
 *
 * @param remainingMs what is left of the deadline in milliseconds; negative if it has passed
 */
export function atDeadline(status: CallStatus, remainingMs: number): CallStatus {
  return status.code === Status.CANCELLED && status.details === RESET && remainingMs <= CLOCK_SLACK_MS
    ? { ...status, code: Status.DEADLINE_EXCEEDED, details: "Deadline exceeded; the server ended the call" }
    : status;
}

/**
 * A status of a call on a channel that has no connection: one that its deadline found still waiting for one was never sent, which
 * is UNAVAILABLE. No server was too slow for it.
 *
 * @param remainingMs as {@link atDeadline} has it
 */
export function withoutConnection(status: CallStatus, remainingMs: number): CallStatus {
  if (status.code !== Status.DEADLINE_EXCEEDED || remainingMs > CLOCK_SLACK_MS) {
    return status;
  }
  const waitedMs = 1_000 * Number(NEVER_SENT.exec(status.details)?.groups?.waited ?? 0);
  // It may be told late.
  return waitedMs + Math.min(0, remainingMs) < TIME_TO_CONNECT_MS
    ? status
    : { ...status, code: Status.UNAVAILABLE, details: `No connection before the deadline: ${status.details}` };
}

// Who had less would have had no connection to the best of servers: it is the deadline that was too short.
const TIME_TO_CONNECT_MS = 50;

/** What grpc-js says of calls whose deadline found them on this side, with no attempt before. */
const NEVER_SENT =
  /^Deadline exceeded after (?<waited>[\d.]+)s,(?!.*previous attempts).*(?:waiting for name resolution|Waiting for LB pick)$/;

/** What grpc-js says of calls that the server reset with CANCEL. */
const RESET = "Call cancelled";

// Timers of two processes, and whole milliseconds on the wire.
const CLOCK_SLACK_MS = 10;
