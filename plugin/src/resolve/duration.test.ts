import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { durationMs, readDuration, renderDuration } from "./duration.js";

describe("readDuration", () => {
  it.each([
    ["0s", 0],
    ["1ms", 1],
    ["100ms", 100],
    ["5s", 5_000],
    ["0.5s", 500],
    ["0.001s", 1],
    ["2m", 120_000],
    ["1h", 3_600_000],
    ["1m30s", 90_000],
    ["1h1m1s1ms", 3_661_001],
    ["1.1s", 1_100],
    ["007s", 7_000],
  ])("reads %s", (text, ms) => {
    expect(readDuration(text)).toEqual({ ms });
  });

  it.each([
    ["", /not a duration/],
    ["5", /has no unit\. Write "5ms" or "5s"/],
    ["s", /not a duration/],
    ["5 s", /not a duration/],
    [" 5s", /not a duration/],
    ["5S", /not a duration/],
    ["-5s", /not a duration/],
    ["5sec", /not a duration/],
    ["1s1m", /not a duration/],
    ["1s1s", /not a duration/],
    [".5s", /not a duration/],
    ["5.s", /not a duration/],
    ["1e3s", /not a duration/],
    ["0.0005s", /isn't a whole number of milliseconds/],
    ["99999999999999999999h", /not a duration/],
  ])("refuses %j", (text, problem) => {
    expect(readDuration(text).problem).toMatch(problem);
    expect(durationMs(text)).toBeUndefined();
  });
});

describe("renderDuration", () => {
  it.each([
    [0, "0s"],
    [1, "1ms"],
    [1.2, "1.2ms"],
    [999.2, "999.2ms"],
    [999.9999, "1s"],
    [1_000.2, "1.001s"],
    [1_800, "1.8s"],
    [60_000, "1m"],
    [90_500, "1m30.5s"],
    [3_600_000, "1h"],
    [36_610_001, "10h10m10.001s"],
  ])("writes %d ms", (ms, text) => {
    expect(renderDuration(ms)).toBe(text);
  });

  it("is read back", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 40 }), (ms) => {
        expect(durationMs(renderDuration(ms))).toBe(ms);
      }),
    );
  });
});
