import { Metadata, type StatusObject } from "@grpc/grpc-js";
import { Status } from "./status.js";

// When a peer closes a connection with an error, Node says so to each of its streams, and grpc-js takes that for a fault of
// the stream's own. A Node server does it to clients that have cancelled too many calls.
const CONNECTION_CLOSED = /triggered by internal client error: Session closed with error code \d+$/;

/** How a call ended: what the peer or grpc-js said, or what the client itself decided. */
export interface CallStatus extends StatusObject {
  /** What led to it, if the client itself ended the call. */
  readonly cause?: unknown;
}

/** A status that the client itself gives a call. */
export function clientStatus(code: Status, details: string, cause?: unknown): CallStatus {
  return { code, details, metadata: new Metadata(), ...(cause === undefined ? undefined : { cause }) };
}

/** A status as grpc-js delivers it: a connection that was lost is UNAVAILABLE, and not INTERNAL. */
export function receivedStatus(status: StatusObject): CallStatus {
  return status.code === Status.INTERNAL && CONNECTION_CLOSED.test(status.details)
    ? { ...status, code: Status.UNAVAILABLE }
    : status;
}
