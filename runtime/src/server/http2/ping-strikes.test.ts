import { expect, it } from "vitest";
import { PingStrikes } from "./ping-strikes.js";

/** A peer that pings every so many milliseconds, and what the server has written by then for each ping. */
function pinging(strikes: PingStrikes, everyMs: number, bytesForEach: number, count = 10): boolean[] {
  return Array.from({ length: count }, (_, index) => strikes.strike(index * bytesForEach, index * everyMs));
}

it("the third ping that comes too early is one too many", () => {
  expect(pinging(new PingStrikes(1000), 999, 17, 5)).toEqual([false, false, false, true, true]);
});

it.each([
  ["generated clients' keepalive", 5_000],
  ["C-core's, Go's and Java's shortest", 10_000],
])("what comes in time is permitted for ever: %s", (_what, everyMs) => {
  expect(pinging(new PingStrikes(1000), everyMs, 17)).not.toContain(true);
});

it("so are pings for which DATA has left meanwhile, as with Go's estimate of the bandwidth", () => {
  expect(pinging(new PingStrikes(1000), 1, 16_384)).not.toContain(true);
});

it("what is sent takes strikes back", () => {
  const strikes = new PingStrikes(1000);
  const outcomes: boolean[] = [];
  for (let index = 0; index < 12; index += 1) {
    if (index % 3 === 0) {
      strikes.sent();
    }
    outcomes.push(strikes.strike(index * 17, index));
  }
  expect(outcomes).not.toContain(true);
});
