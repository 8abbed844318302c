import { Metadata, type StatusObject } from "@grpc/grpc-js";
import type { Status } from "./status.js";

/** How a call ended: what the peer or grpc-js said, or what the client itself decided. */
export interface CallStatus extends StatusObject {
  /** What led to it, if the client itself ended the call. */
  readonly cause?: unknown;
}

/** A status that the client itself gives a call. */
export function clientStatus(code: Status, details: string, cause?: unknown): CallStatus {
  return { code, details, metadata: new Metadata(), ...(cause === undefined ? undefined : { cause }) };
}
