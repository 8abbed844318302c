import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { type Alarm, DeadlineWheel } from "./deadline-wheel.js";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
});
afterEach(() => {
  vi.useRealTimers();
});

const rung: number[] = [];
const ringing = (name: number) => ({ expired: () => void rung.push(name) });

beforeEach(() => {
  rung.length = 0;
});

it("rings each alarm at its time, near or turns away, and none before", async () => {
  const wheel = new DeadlineWheel();
  const times = [0, 1, 5, 100, 2_047, 2_048, 2_049, 10_000, 100_000];
  for (const time of times) {
    wheel.set(ringing(time), time);
  }
  for (const time of times) {
    const before = rung.length;
    await vi.advanceTimersByTimeAsync(Math.max(0, time - performance.now() - 0.5));
    expect(rung.slice(before).every((name) => name <= time)).toBe(true);
    await vi.advanceTimersByTimeAsync(6);
    expect(rung).toContain(time);
  }
  expect([...rung].sort((a, b) => a - b)).toEqual(times);
  expect(wheel.size).toBe(0);
});

it("rings none that was taken back, whatever its place in the row", async () => {
  const wheel = new DeadlineWheel();
  const alarms = [1, 2, 3, 4].map((name): [number, Alarm] => [name, wheel.set(ringing(name), 50)]);
  for (const [name, alarm] of alarms) {
    if (name !== 3) {
      wheel.clear(alarm);
      wheel.clear(alarm);
    }
  }
  await vi.advanceTimersByTimeAsync(100);
  expect(rung).toEqual([3]);
});

it("may be set and cleared while it rings", async () => {
  const wheel = new DeadlineWheel();
  let second: Alarm | undefined;
  wheel.set({ expired: () => second && wheel.clear(second) }, 20);
  second = wheel.set(ringing(2), 20);
  wheel.set({ expired: () => void wheel.set(ringing(4), 20) }, 20);
  await vi.advanceTimersByTimeAsync(100);
  expect(rung.filter((name) => name === 4)).toEqual([4]);
  expect(wheel.size).toBe(0);
});

it("wakes nobody when it has nothing to ring", async () => {
  const wheel = new DeadlineWheel();
  const alarm = wheel.set(ringing(1), 1_000);
  wheel.clear(alarm);
  await vi.advanceTimersByTimeAsync(5_000);
  expect(vi.getTimerCount()).toBe(0);
});

it("finds what is due after a pause of several turns", async () => {
  const wheel = new DeadlineWheel();
  for (let time = 10; time < 9_000; time += 500) {
    wheel.set(ringing(time), time);
  }
  vi.setSystemTime(Date.now() + 60_000);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(rung).toHaveLength(18);
});
