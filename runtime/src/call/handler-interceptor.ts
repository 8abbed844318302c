import type { CallContext } from "./call-context.js";
import { UnusableAnswer } from "./call-failure.js";
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
 * whatever its interceptors make of it. When the call is cancelled meanwhile, `context.signal` is aborted.
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

/**
 * Runs `handler` inside the interceptors, the first one outermost.
 *
 * @throws what an interceptor threw, else what the handler threw
 * @throws {Error} if an interceptor never called `next`, or called it twice
 */
export async function runIntercepted(
  interceptors: readonly HandlerInterceptor[],
  context: CallContext,
  call: InterceptedCall,
  handler: () => Promise<void>,
): Promise<void> {
  const handled: { outcome?: { readonly thrown?: unknown } } = {};
  const run = async (index: number): Promise<void> => {
    const interceptor = interceptors[index];
    if (interceptor !== undefined) {
      await interceptor(
        context,
        once(() => run(index + 1)),
        call,
      );
      return;
    }
    try {
      await handler();
      handled.outcome = {};
    } catch (thrown) {
      handled.outcome = { thrown };
      throw thrown;
    }
  };
  await run(0);
  if (handled.outcome === undefined) {
    throw new UnusableAnswer(
      `A handler interceptor of ${context.path} returned before its handler: it must await next()`,
    );
  }
  if ("thrown" in handled.outcome) {
    throw handled.outcome.thrown;
  }
}

function once(next: () => Promise<void>): () => Promise<void> {
  let called = false;
  return () => {
    if (called) {
      return Promise.reject(new UnusableAnswer("A handler interceptor called next() twice"));
    }
    called = true;
    const outcome = next();
    // An interceptor that doesn't wait for it must not end the process.
    outcome.catch(() => {});
    return outcome;
  };
}
