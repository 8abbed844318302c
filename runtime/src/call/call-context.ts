import type { DescMethod } from "@bufbuild/protobuf";
import type { Metadata } from "@grpc/grpc-js";
import type { Logger } from "../log/logger.js";

/** Names a typed value of a call: made once by {@link createContextKey}, used by whoever sets or reads the value. */
export interface ContextKey<T> {
  readonly id: symbol;
  readonly defaultValue: T;
}

/** Typed values that travel with a call: what an interceptor or the verifier knows, and the handler reads. */
export interface ContextValues {
  get<T>(key: ContextKey<T>): T;
  set<T>(key: ContextKey<T>, value: T): this;
}

/** Makes a key for {@link ContextValues}. */
export function createContextKey<T>(description: string, defaultValue: T): ContextKey<T> {
  return { id: Symbol(description), defaultValue };
}

/** One call, as its handler sees it. */
export interface CallContext {
  /** The method that is called. */
  readonly method: DescMethod;
  /** `/ledger.v1.LedgerService/Transfer` */
  readonly path: string;
  /** Aborted when the caller cancels or leaves, the deadline passes, or the server's drain runs out of time. */
  readonly signal: AbortSignal;
  /** When the call must have ended; `undefined` if the caller named no deadline. */
  readonly deadline: Date | undefined;
  /** Milliseconds left: `Infinity` without a deadline, never negative. */
  timeRemaining(): number;
  /** What the caller sent. */
  readonly requestMetadata: Metadata;
  /** What goes out before the first response. Filling it later has no effect. */
  readonly responseHeaders: Metadata;
  /** What goes out with the status. */
  readonly responseTrailers: Metadata;
  /** Sends the response headers now. It commits the call: a client doesn't retry it any more. */
  sendHeaders(): void;
  /** `127.0.0.1:51234` */
  readonly peer: string;
  /** Bound to the call's log context. */
  readonly logger: Logger;
  readonly values: ContextValues;
}
