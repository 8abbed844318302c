import { expect, it } from "vitest";
import { SendWindow } from "./send-window.js";

/** How many messages of a size fit. */
function room(bytes: number): number {
  const window = new SendWindow();
  let count = 0;
  while (!window.full) {
    window.wrote(bytes);
    count += 1;
  }
  return count;
}

it("has room for one message of any size", () => {
  expect(room(10_000_000)).toBe(1);
});

it("has room for no more than some hundreds, however small they are", () => {
  expect(room(0)).toBeGreaterThan(100);
  expect(room(0)).toBeLessThan(1000);
});

it("lets a writer go on when what it wrote has left", async () => {
  const window = new SendWindow();
  window.wrote(100_000);
  let resumed = false;
  const waiting = window.room().then(() => {
    resumed = true;
  });
  await Promise.resolve();
  expect(resumed).toBe(false);
  window.sent();
  await waiting;
  expect(window.full).toBe(false);
});

it("holds nobody back once the call is over", async () => {
  const window = new SendWindow();
  window.wrote(100_000);
  const waiting = window.room();
  window.close();
  await waiting;
  expect(window.full).toBe(false);
});
