import { expect, it } from "vitest";
import { ResetBudget } from "./reset-budget.js";

/** After how many resets, so far apart, it is time to leave; `undefined`: not after 20,000. */
function leavesAfter(everyMs: number, openCalls: number): number | undefined {
  const budget = new ResetBudget();
  for (let count = 1; count <= 20_000; count += 1) {
    if (budget.take(openCalls, count * everyMs)) {
      return count;
    }
  }
  return undefined;
}

it("leaves before Node's thousand, with room for the calls that are open", () => {
  expect(leavesAfter(0, 0)).toBe(950);
  expect(leavesAfter(0, 500)).toBe(450);
});

it("doesn't leave at once where very many calls are open", () => {
  expect(leavesAfter(0, 5_000)).toBe(100);
});

it("never leaves for as many resets as Node permits for ever", () => {
  expect(leavesAfter(1000 / 30, 100)).toBeUndefined();
});
