import { describe, expect, it } from "vitest";
import { duration, durationRange } from "./duration.js";
import { size } from "./size.js";

describe("duration", () => {
  it.each([
    [0, "0 s"],
    [0.04, "0 ms"],
    [25, "25 ms"],
    [28.84, "28.8 ms"],
    [999.99, "1 s"],
    [1_000, "1 s"],
    [1_834.9, "1.83 s"],
    [90_000, "90 s"],
    [120_000, "2 min"],
    [150_500, "2 min 30.5 s"],
    [3_600_000, "1 h"],
    [5_400_000, "1 h 30 min"],
    [239_999.9, "4 min"],
  ])("%d ms", (ms, expected) => {
    expect(duration(ms)).toBe(expected);
  });

  it.each([
    [80, 120, "80–120 ms"],
    [800, 1_200, "800 ms – 1.2 s"],
    [5, 5, "5 ms"],
    [100_000, 150_000, "100 s – 2 min 30 s"],
    [60_000, 90_000, "60–90 s"],
  ])("%d to %d ms", (from, to, expected) => {
    expect(durationRange(from, to)).toBe(expected);
  });
});

describe("size", () => {
  it.each([
    [0, "0 bytes"],
    [1, "1 byte"],
    [1_000, "1000 bytes"],
    [65_536, "64 KiB"],
    [4_194_304, "4 MiB"],
    [3_221_225_472, "3 GiB"],
  ])("%d", (bytes, expected) => {
    expect(size(bytes)).toBe(expected);
  });
});
