import { describe, expect, it } from "vitest";
import type { ResendModel } from "../../model/model.js";
import { attemptsOf } from "./retry-schedule.js";

const RETRY: ResendModel = {
  kind: "retry",
  maxAttempts: 5,
  initialBackoffMs: 100,
  maxBackoffMs: 300,
  backoffMultiplier: 2,
  codes: ["UNAVAILABLE"],
  worstCaseBackoffMs: 1_080,
};

describe("attemptsOf", () => {
  it("adds up backoffs, cut at their limit, with 20 % of jitter either way", () => {
    const attempts = attemptsOf(RETRY);
    expect(attempts.map(({ backoffMs }) => backoffMs)).toEqual([0, 100, 200, 300, 300]);
    expect(attempts.map(({ earliestMs }) => Math.round(earliestMs))).toEqual([0, 80, 240, 480, 720]);
    expect(attempts.map(({ latestMs }) => Math.round(latestMs))).toEqual([0, 120, 360, 720, 1_080]);
  });

  it("has no jitter for hedges", () => {
    const attempts = attemptsOf({ kind: "hedge", maxAttempts: 3, delayMs: 50, nonFatalCodes: [] });
    expect(attempts.map(({ earliestMs, latestMs }) => [earliestMs, latestMs])).toEqual([
      [0, 0],
      [50, 50],
      [100, 100],
    ]);
  });

  it("is one attempt without either", () => {
    expect(attemptsOf({ kind: "none" })).toHaveLength(1);
  });
});
