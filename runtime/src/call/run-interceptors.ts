import { UnusableAnswer } from "./call-failure.js";
import type { InterceptedCall } from "./interception.js";

/** What stands around a call, on either side of it. */
type Around<Context> = (context: Context, next: () => Promise<void>, call: InterceptedCall) => Promise<void>;

/**
 * Runs what is innermost (a handler, or the call of a client) inside interceptors, the first one outermost.
 *
 * @param names what they are called in errors: `handler interceptor`, around a `handler`
 * @throws what an interceptor threw, else what the innermost threw
 * @throws {UnusableAnswer} if an interceptor never called `next`, or called it twice
 */
export async function runInterceptors<Context extends { readonly path: string }>(
  names: { readonly interceptor: string; readonly innermost: string },
  interceptors: readonly Around<Context>[],
  context: Context,
  call: InterceptedCall,
  innermost: () => Promise<void>,
): Promise<void> {
  const done: { outcome?: { readonly thrown?: unknown } } = {};
  const run = async (index: number): Promise<void> => {
    const interceptor = interceptors[index];
    if (interceptor !== undefined) {
      const next = once(names.interceptor, () => run(index + 1));
      await interceptor(context, next, call);
      return;
    }
    try {
      await innermost();
      done.outcome = {};
    } catch (thrown) {
      done.outcome = { thrown };
      throw thrown;
    }
  };
  await run(0);
  if (done.outcome === undefined) {
    throw new UnusableAnswer(
      `A ${names.interceptor} of ${context.path} returned before its ${names.innermost}: it must await next()`,
    );
  }
  if ("thrown" in done.outcome) {
    throw done.outcome.thrown;
  }
}

function once(interceptor: string, next: () => Promise<void>): () => Promise<void> {
  let called = false;
  return () => {
    if (called) {
      return Promise.reject(new UnusableAnswer(`A ${interceptor} called next() twice`));
    }
    called = true;
    const outcome = next();
    // An interceptor that doesn't wait for it must not end the process.
    outcome.catch(() => {});
    return outcome;
  };
}
