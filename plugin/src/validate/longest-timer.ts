import { LONGEST_TIMER_MS } from "@accord-grpc/runtime/contract";
import { renderDuration } from "../resolve/duration.js";

/**
 * That a time is too long for a timer, without what to do about it.
 *
 * @param name `timeout of Transfer`
 */
export function overTimer(name: string, ms: number): string {
  return `${name} is ${renderDuration(ms)}, over the 24.8 days (${LONGEST_TIMER_MS} ms) that a timer holds`;
}
