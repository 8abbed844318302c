import { describe, expect, it } from "vitest";
import { timeScale } from "./time-scale.js";

describe("timeScale", () => {
  it("is even where what happens takes up enough of it", () => {
    const scale = timeScale(100, 200, 1_800, 2_000);
    expect([0, 1_000, 2_000].map((ms) => scale.at(ms))).toEqual([100, 150, 200]);
    expect(scale.ticks).toEqual([0, 500, 1_000, 1_500, 2_000]);
    expect(scale.break).toBeUndefined();
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
