import { expect, it } from "vitest";
import { type BufferingCall, RequestBudget } from "./request-budget.js";

const KiB = 1024;

function callOf(missingBytes: number) {
  const call = {
    missingBytes,
    reads: 0,
    isHeld: false,
    holdOn() {
      call.isHeld = true;
    },
    readOn() {
      call.isHeld = false;
      call.reads += 1;
    },
  };
  return call satisfies BufferingCall & { reads: number; isHeld: boolean };
}

function budgetOf(maxBytes: number) {
  const pressure: boolean[] = [];
  return { budget: new RequestBudget(maxBytes, 64 * KiB, (isHigh) => pressure.push(isHigh)), pressure };
}

it("lets all read up to an eighth of its limit", () => {
  const { budget, pressure } = budgetOf(800 * KiB);
  const calls = [1, 2, 3].map(() => callOf(1000 * KiB));
  for (const call of calls) {
    budget.hold(30 * KiB);
    expect(budget.ask(call)).toBe("read");
  }
  expect(pressure).toEqual([]);
});

it("then brings to their end as many as fit, and lets the others wait in their order", () => {
  const { budget } = budgetOf(800 * KiB);
  budget.hold(100 * KiB);
  const [first, second, third, fourth] = [callOf(60 * KiB), callOf(60 * KiB), callOf(40 * KiB), callOf(10 * KiB)];
  expect(budget.ask(first)).toBe("read");
  expect(budget.ask(second)).toBe("wait");
  // Though it would fit: who came before would wait for ever otherwise.
  expect(budget.ask(third)).toBe("wait");
  expect(budget.ask(fourth)).toBe("wait");
  expect(budget.ask(first)).toBe("read");
  budget.hold(-60 * KiB);
  budget.done(first);
  expect([second.reads, third.reads, fourth.reads]).toEqual([1, 1, 0]);
  budget.done(second);
  expect(fourth.reads).toBe(1);
});

it("holds all back with the first that has to wait, but who is about to end, or lacks nothing", () => {
  const { budget } = budgetOf(800 * KiB);
  const [early, whole] = [callOf(500 * KiB), callOf(0)];
  budget.hold(90 * KiB);
  expect([budget.ask(early), budget.ask(whole)]).toEqual(["read", "read"]);
  budget.hold(20 * KiB);
  const [first, second] = [callOf(60 * KiB), callOf(60 * KiB)];
  expect(budget.ask(first)).toBe("read");
  expect([early, whole, first].map(({ isHeld }) => isHeld)).toEqual([false, false, false]);
  expect(budget.ask(second)).toBe("wait");
  expect([early, whole, first].map(({ isHeld }) => isHeld)).toEqual([true, false, false]);
  expect(budget.ask(early)).toBe("wait");
  budget.done(first);
  // It came first of those that wait.
  expect([second.reads, early.reads]).toEqual([1, 0]);
  budget.done(second);
  expect([early.reads, early.isHeld]).toEqual([1, false]);
});

it("has windows narrow when as many messages have begun as would fill a quarter with them, and wide again at half as many", () => {
  const { budget, pressure } = budgetOf(4 * 10 * 64 * KiB);
  const calls = Array.from({ length: 10 }, () => callOf(1000 * KiB));
  for (const call of calls.slice(0, 9)) {
    budget.ask(call);
  }
  expect(pressure).toEqual([]);
  for (const call of calls) {
    budget.ask(call);
  }
  expect(pressure).toEqual([true]);
  for (const call of calls.slice(0, 5)) {
    budget.done(call);
  }
  expect(pressure).toEqual([true]);
  budget.done(calls[5] as BufferingCall);
  expect(pressure).toEqual([true, false]);
});

it("lets one through that is larger than all of it", () => {
  const { budget } = budgetOf(8 * KiB);
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
  const { budget } = budgetOf(256 * KiB);
  budget.hold(64 * KiB);
  const [first, second] = [callOf(64 * KiB), callOf(64 * KiB)];
  budget.ask(first);
  budget.ask(second);
  budget.done(second);
  budget.done(first);
  expect(second.reads).toBe(0);
});
