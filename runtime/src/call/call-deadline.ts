import type { CallContext } from "./call-context.js";

/**
 * The longest timeout in milliseconds, 24.8 days: timers and grpc-js's server overflow beyond it. In whole seconds, to which
 * grpc-js rounds it up on the wire.
 */
export const MAX_TIMEOUT_MS = 2_147_483_000;

/**
 * When a call must have ended: the earlier of its own timeout and what remains of the incoming call.
 *
 * A timeout of zero or less is a budget that is used up: the deadline is then not after `now`. Timeouts over
 * {@link MAX_TIMEOUT_MS} are cut to it.
 *
 * @param timeoutMs the call's own timeout in milliseconds; `Infinity` or `undefined` if it has none
 * @param incoming the call in whose handler this one is made
 * @returns milliseconds since the epoch; `Infinity` if nothing limits the call
 * @throws {TypeError} if the timeout isn't a number
 */
export function callDeadline(
  timeoutMs: number | undefined,
  incoming: CallContext | undefined,
  now: number = Date.now(),
): number {
  if (timeoutMs !== undefined && (typeof timeoutMs !== "number" || Number.isNaN(timeoutMs))) {
    throw new TypeError(
      `timeoutMs must be a number of milliseconds, or Infinity for no deadline; it is ${String(timeoutMs)}`,
    );
  }
  const own = now + (timeoutMs ?? Number.POSITIVE_INFINITY);
  const inherited = incoming?.deadline?.getTime() ?? Number.POSITIVE_INFINITY;
  const deadline = Math.min(own, inherited);
  return deadline === Number.POSITIVE_INFINITY ? deadline : Math.min(deadline, now + MAX_TIMEOUT_MS);
}
