import { expect, it } from "vitest";
import { ResponseQueue } from "./response-queue.js";

it("gives back what was pushed, in order", () => {
  const queue = new ResponseQueue<string>();
  expect(queue.isEmpty).toBe(true);
  queue.push("a", 1);
  queue.push("b", 1);
  expect(queue.isEmpty).toBe(false);
  expect([queue.shift(), queue.shift(), queue.shift()]).toEqual(["a", "b", undefined]);
  expect(queue.isEmpty).toBe(true);
});

it("has room for 16 small messages", () => {
  const queue = new ResponseQueue<number>();
  let pushed = 0;
  while (queue.hasRoom) {
    queue.push(pushed, 10);
    pushed += 1;
  }
  expect(pushed).toBe(16);
  queue.shift();
  expect(queue.hasRoom).toBe(true);
});

it("has room for one message of any size", () => {
  const queue = new ResponseQueue<string>();
  queue.push("large", 10_000_000);
  expect(queue.hasRoom).toBe(false);
  queue.shift();
  expect(queue.hasRoom).toBe(true);
  queue.push("large", 10_000_000);
  queue.clear();
  expect(queue.hasRoom).toBe(true);
});
