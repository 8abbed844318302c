import { expect, it } from "vitest";
import { type BufferingCall, RequestBudget } from "./request-budget.js";

const KiB = 1024;

function callOf(missingBytes: number) {
  const call = {
    missingBytes,
    reads: 0,
    readOn() {
      call.reads += 1;
    },
  };
  return call satisfies BufferingCall & { reads: number };
}

function budgetOf(maxBytes: number) {
  const pressure: boolean[] = [];
  return { budget: new RequestBudget(maxBytes, 64 * KiB, (isHigh) => pressure.push(isHigh)), pressure };
}

it("lets all read up to a quarter of its limit", () => {
  const { budget, pressure } = budgetOf(400 * KiB);
  const calls = [1, 2, 3].map(() => callOf(1000 * KiB));
  for (const call of calls) {
    budget.hold(30 * KiB);
    expect(budget.ask(call)).toBe("read");
  }
  expect(pressure).toEqual([]);
});

it("then brings to their end as many as fit, and lets the others wait in their order", () => {
  const { budget, pressure } = budgetOf(400 * KiB);
  budget.hold(100 * KiB);
  const [first, second, third, fourth] = [callOf(60 * KiB), callOf(60 * KiB), callOf(40 * KiB), callOf(10 * KiB)];
  expect(budget.ask(first)).toBe("read");
  expect(budget.ask(second)).toBe("wait");
  // Though it would fit: who came before would wait for ever otherwise.
  expect(budget.ask(third)).toBe("wait");
  expect(budget.ask(fourth)).toBe("wait");
  expect(budget.ask(first)).toBe("read");
  expect(pressure).toEqual([true]);
  budget.hold(-60 * KiB);
  budget.done(first);
  expect([second.reads, third.reads, fourth.reads]).toEqual([1, 1, 0]);
  budget.done(second);
  expect(fourth.reads).toBe(1);
  expect(pressure).toEqual([true, false]);
});

it("lets one through that is larger than all of it", () => {
  const { budget } = budgetOf(4 * KiB);
  budget.hold(1 * KiB);
  expect(budget.ask(callOf(1000 * KiB))).toBe("read");
});

it("refuses when so many wait that what they have sent ahead fills it", () => {
  const { budget } = budgetOf(256 * KiB);
  budget.hold(64 * KiB);
  expect(budget.ask(callOf(64 * KiB))).toBe("read");
  expect([1, 2, 3, 4].map(() => budget.ask(callOf(64 * KiB)))).toEqual(["wait", "wait", "wait", "wait"]);
  expect(budget.ask(callOf(64 * KiB))).toBe("refuse");
});

it("forgets who leaves while it waits", () => {
  const { budget, pressure } = budgetOf(256 * KiB);
  budget.hold(64 * KiB);
  const [first, second] = [callOf(64 * KiB), callOf(64 * KiB)];
  budget.ask(first);
  budget.ask(second);
  budget.done(second);
  expect(pressure).toEqual([true, false]);
  budget.done(first);
  expect(second.reads).toBe(0);
});
