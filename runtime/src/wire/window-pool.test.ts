import { expect, it } from "vitest";
import { WindowPool } from "./window-pool.js";

it("gives no more than there is, and to others what one gives back", () => {
  const pool = new WindowPool(100);
  const [first, second] = [{}, {}];
  expect([pool.claim(first, 70), pool.claim(second, 70), pool.claimedBytes]).toEqual([70, 30, 100]);
  expect([pool.claim(first, 20), pool.claim(second, 70), pool.claimedBytes]).toEqual([20, 70, 90]);
  expect([pool.claim(first, 0), pool.claim(second, 0), pool.claimedBytes]).toEqual([0, 0, 0]);
});

it("an owner's claim is counted once", () => {
  const pool = new WindowPool(100);
  const owner = {};
  for (let time = 0; time < 10; time += 1) {
    expect(pool.claim(owner, 60)).toBe(60);
  }
  expect(pool.claimedBytes).toBe(60);
});
