import { renderDuration } from "../resolve/duration.js";

/** What setTimeout takes, in milliseconds: 24.8 days. Node.js takes anything longer for 1 ms, and grpc-js sets such timers. */
export const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * That a time is too long for a timer, without what to do about it.
 *
 * @param name `timeout of Transfer`
 */
export function overTimer(name: string, ms: number): string {
  return `${name} is ${renderDuration(ms)}, over the 24.8 days (${LONGEST_TIMER_MS} ms) that a timer holds`;
}
