import type { Metadata } from "@grpc/grpc-js";
import type { InterceptedCall } from "../call/interception.js";
import type { OutgoingCall } from "./metadata-hook.js";

/** A call that is made, as its {@link CallInterceptor}s see it. */
export interface ClientCallContext extends OutgoingCall {
  /** `/ledger.v1.LedgerService/Transfer` */
  readonly path: string;
  /** What is sent with the call: the caller's own and the client's. Changes count until `next()`; metadata hooks add to it then. */
  readonly metadata: Metadata;
  /** Aborted when the call is over for its caller: at its end, at the deadline, when the caller aborts it or stops reading. */
  readonly signal: AbortSignal;
  /** The response headers, once they are there. */
  readonly responseHeaders: Metadata | undefined;
  /** The trailers, once they are there; they aren't if the call ended on this side. */
  readonly responseTrailers: Metadata | undefined;
  /** How long the call may still take, in milliseconds; `Infinity` if nothing limits it. */
  timeRemaining(): number;
}

/**
 * Stands around each call of a client, of whatever kind: to set metadata, to measure, to audit, to turn errors into others. The
 * counterpart of a server's `HandlerInterceptor`.
 *
 * `next()` runs the interceptors further in, then the call. It resolves when the response has come, or the reader has had the last of
 * the responses; it rejects with the error that the call ended with. The caller gets the response, or the end of the stream, when all
 * interceptors are through.
 *
 * What an interceptor throws is what the caller gets, as it is. A call that failed never ends well, whatever its interceptors make of it.
 * The call's deadline, and an abort, end it for the caller whatever they are doing: `context.signal` tells them.
 *
 * It runs once per call: not per attempt, and not for each call that a resumed stream is made of. Calls that can't be made (a request
 * that is none, a deadline that has passed) don't come this far. `call` has the request, and shows the messages of streams as they pass.
 */
export type CallInterceptor = (
  context: ClientCallContext,
  next: () => Promise<void>,
  call: InterceptedCall,
) => Promise<void>;
