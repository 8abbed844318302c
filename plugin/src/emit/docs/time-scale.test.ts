import { describe, expect, it } from "vitest";
import { timeScale } from "./time-scale.js";

describe("timeScale", () => {
  it("is even where what happens takes up enough of it", () => {
    const scale = timeScale(100, 200, 1_800, 2_000);
    expect([0, 1_000, 2_000].map((ms) => scale.at(ms))).toEqual([100, 150, 200]);
    expect(scale.ticks).toEqual([0, 500, 1_000, 1_500, 2_000]);
    expect(scale.break).toBeUndefined();
  });

  it.each([
    [100, [0, 20, 40, 60, 80, 100]],
    [3, [0, 1, 2, 3]],
    [45_000, [0, 10_000, 20_000, 30_000, 40_000]],
    [100_000, [0, 20_000, 40_000, 60_000, 80_000, 100_000]],
    [150_000, [0, 30_000, 60_000, 90_000, 120_000, 150_000]],
    [600_000, [0, 120_000, 240_000, 360_000, 480_000, 600_000]],
    [3_600_000, [0, 900_000, 1_800_000, 2_700_000, 3_600_000]],
    [86_400_000, [0, 21_600_000, 43_200_000, 64_800_000, 86_400_000]],
    [1_800_000_000, [0, 360_000_000, 720_000_000, 1_080_000_000, 1_440_000_000, 1_800_000_000]],
  ])("has round ticks up to %d ms", (endMs, ticks) => {
    expect(timeScale(0, 100, endMs, endMs).ticks).toEqual(ticks);
  });

  it("is broken where it would all happen at the left edge, and still goes up to its end", () => {
    const scale = timeScale(0, 1_000, 100, 60_000);
    expect(scale.at(100)).toBeGreaterThan(500);
    expect(scale.break).toBe(720);
    expect(scale.at(60_000)).toBe(1_000);
    expect(Math.max(...scale.ticks.map((ms) => scale.at(ms)))).toBeLessThan(720);
    const places = [0, 50, 100, 125, 200, 30_000, 60_000].map((ms) => scale.at(ms));
    expect(places).toEqual([...places].sort((a, b) => a - b));
  });
});
