import { expect, it } from "vitest";
import type { CallContext } from "./call-context.js";
import { callDeadline, MAX_TIMEOUT_MS } from "./call-deadline.js";

const NOW = 1_700_000_000_000;
const until = (deadline: number): CallContext => ({ deadline: new Date(deadline) }) as CallContext;
const unlimited = { deadline: undefined } as CallContext;

it.each([
  ["its own timeout", 500, undefined, NOW + 500],
  ["a fraction of a millisecond", 0.5, undefined, NOW + 0.5],
  ["no timeout", undefined, undefined, Number.POSITIVE_INFINITY],
  ["Infinity", Number.POSITIVE_INFINITY, undefined, Number.POSITIVE_INFINITY],
  ["Infinity in an unlimited call", Number.POSITIVE_INFINITY, unlimited, Number.POSITIVE_INFINITY],
  ["the incoming call's, which is less", 500, until(NOW + 100), NOW + 100],
  ["the incoming call's, which is all there is", undefined, until(NOW + 100), NOW + 100],
  ["its own, which is less", 500, until(NOW + 1_000), NOW + 500],
  ["a used-up budget", -3, undefined, NOW - 3],
  ["a deadline that has passed", 500, until(NOW - 1), NOW - 1],
  ["the longest there is", MAX_TIMEOUT_MS, undefined, NOW + MAX_TIMEOUT_MS],
  ["one that would overflow", 1e12, undefined, NOW + MAX_TIMEOUT_MS],
  ["an incoming one that would overflow", undefined, until(NOW + 1e12), NOW + MAX_TIMEOUT_MS],
])("%s", (_what, timeoutMs, incoming, expected) => {
  expect(callDeadline(timeoutMs, incoming, NOW)).toBe(expected);
});

it.each([Number.NaN, "500", null, {}])("refuses %s", (timeoutMs) => {
  expect(() => callDeadline(timeoutMs as number, undefined, NOW)).toThrow(TypeError);
});
