import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { isNearNow, orderToNow, timeOrder } from "./time-tests.js";

const NOW = 1_700_000_000;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: NOW * 1000 + 250 });
});
afterEach(() => {
  vi.useRealTimers();
});

const at = (seconds: number, nanos = 0) => ({ seconds: BigInt(seconds), nanos });

it.each([
  ["before it", at(4, 999_999_999), -1],
  ["the same", at(5, 0), 0],
  ["a nanosecond after it", at(5, 1), 1],
  ["a second after it", at(6), 1],
  ["beyond what a number counts", { seconds: 2n ** 62n, nanos: 0 }, 1],
  ["below what a number counts", { seconds: -(2n ** 62n), nanos: 0 }, -1],
])("orders a time: %s", (_, time, order) => {
  expect(Math.sign(timeOrder(time, 5, 0))).toBe(order);
});

it.each([
  [at(NOW, 249_999_999), -1],
  [at(NOW, 250_000_000), 0],
  [at(NOW, 250_000_001), 1],
  [at(NOW - 1, 999_999_999), -1],
  [at(NOW + 1), 1],
  [at(-1, 999_999_999), -1],
])("orders %o to now", (time, order) => {
  expect(Math.sign(orderToNow(time))).toBe(order);
});

describe("within 1.5 s of now", () => {
  it.each([
    [at(NOW + 1, 750_000_000), true],
    [at(NOW + 1, 750_000_001), false],
    [at(NOW - 2, 750_000_000), true],
    [at(NOW - 2, 749_999_999), false],
    [at(NOW + 2), false],
    [at(NOW - 3), false],
    [at(NOW), true],
  ])("%o: %s", (time, isNear) => {
    expect(isNearNow(time, 1, 500_000_000)).toBe(isNear);
  });
});
