import type { CallContext } from "./call-context.js";
import type { InterceptedCall } from "./interception.js";

/**
 * Stands around the handler of each call, of whatever kind: to set typed values, to open a transaction, to run the handler
 * inside an AsyncLocalStorage of one's own.
 *
 * `next()` runs the interceptors further in, then the handler. It resolves when the handler has returned its response, or the
 * last of its responses; it rejects with what the handler threw. A single response, and the status of any call, is sent when
 * all interceptors are through: a transaction that can't be committed fails the call.
 *
 * What an interceptor throws ends the call as if the handler had thrown it. A call whose handler threw never ends well,
 * whatever its interceptors make of it. When the call is cancelled meanwhile, `context.signal` is aborted, and from then on
 * `next()` and `call.request()` reject with its reason: no handler begins for a caller that has its answer.
 *
 * It runs once per call, after the caller was authenticated, and not for calls that end before. What it does before `next()` is
 * done while the body of the request is still unread: a call that it refuses costs no more than its headers. `call` has the
 * request, and shows the messages of streams as they pass. Response headers and trailers are the context's.
 */
export type HandlerInterceptor = (
  context: CallContext,
  next: () => Promise<void>,
  call: InterceptedCall,
) => Promise<void>;
