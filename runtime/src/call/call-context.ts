import type { DescMethod } from "@bufbuild/protobuf";
import type { Metadata } from "@grpc/grpc-js";
import type { Logger } from "../log/logger.js";
import type { LoadReport } from "../wire/load-report.js";

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
  /**
   * Reports what the call has cost, or how busy the server is, to a caller that wants to know (ORCA, gRFC A51): in the trailer
   * `endpoint-load-metrics-bin`, whatever the call's status. Reports add up: a number replaces an earlier one of its name.
   * What can't be reported (no number, out of range, over 1 KiB in all) is left out, and the log says so.
   */
  reportLoad(report: LoadReport): void;
  /**
   * Whether the responses that follow are compressed, where the caller reads gzip: at once for a single one, from message to
   * message for a stream. Set it before the headers leave, if only to `false`: later it can't become `true`. What has less than
   * 1 KiB, or wouldn't shrink, stays as it is. Left out: as the contract says.
   */
  compress?: boolean | undefined;
  /** Whether the request that was read last came compressed. */
  readonly requestCompressed?: boolean;
  /** `127.0.0.1:51234` */
  readonly peer: string;
  /** Bound to the call's log context. */
  readonly logger: Logger;
  readonly values: ContextValues;
}
