import { expect, it } from "vitest";
import { stalledMs, stallOf, tooSlowVerdict, wasTooSlow } from "./machine-stalls.js";

it("a process that got no processor stalled", () => {
  expect(stallOf(10_000, 800, 10)).toEqual({ from: 9_210, to: 10_000 });
});

it("a process that computed itself, or was hardly late, did not", () => {
  expect(stallOf(10_000, 800, 795)).toBeUndefined();
  expect(stallOf(10_000, 30, 0)).toBeUndefined();
});

it("stalls count for the process that has them, as far as they lie in a time", () => {
  const stalls = [
    { process: "client", from: 1_000, to: 1_300 },
    { process: "client", from: 1_900, to: 2_100 },
    { process: "server", from: 1_000, to: 1_350 },
  ];
  expect(stalledMs(stalls, 1_100, 2_000)).toBe(300);
  expect(wasTooSlow(stalls, 1_000, 2_100)).toBe(true);
  expect(wasTooSlow(stalls, 4_000, 5_000)).toBe(false);
  expect(tooSlowVerdict(stalls)).toContain("0.5 s stall");
});
