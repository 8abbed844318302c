import { afterAll, beforeAll, expect, it } from "vitest";
import type { ChildProcess } from "../e2e/child-process.js";
import { startProgram } from "../e2e/node-program.js";

// Calls through three services: 2,000 of them, or 100,000 with `npm run soak`.

const SOAK = process.env.ACCORD_SOAK !== undefined;
const CALLS = SOAK ? 100_000 : 2_000;
const CONCURRENCY = 64;

let chain: ChildProcess;

beforeAll(async () => {
  chain = await startProgram("soak/chain.ts", [], { nodeArgs: ["--expose-gc"] });
  await chain.event("ready");
});
afterAll(() => chain?.kill());

interface Left {
  readonly resources: Readonly<Record<string, number>>;
  readonly abortListeners: number;
  readonly emitters: number;
  readonly signals: number;
  readonly promises: number;
  readonly heapBytes: number;
}

it("the third service sees what remains of the caller's time", async () => {
  const remaining = await chain.ask<number[]>("remaining", { timeoutMs: 30_000 });
  expect(remaining).toHaveLength(3);
  expect(remaining[0]).toBeLessThanOrEqual(30_000);
  // A deadline crosses the wire in whole milliseconds.
  expect(remaining[1]).toBeLessThanOrEqual((remaining[0] ?? 0) + 1);
  expect(remaining[2]).toBeLessThanOrEqual((remaining[1] ?? 0) + 1);
  expect(remaining[2]).toBeGreaterThan(0);
});

it("all three stop when the first caller leaves", async () => {
  expect(await chain.ask("stop")).toBe(3);
});

it("nothing is left of many calls, however they ended", async () => {
  // Connections, code and the buffers of both have their size after a few hundred calls.
  await chain.ask("run", { calls: SOAK ? 5_000 : 500, concurrency: CONCURRENCY });
  const before = await chain.ask<Left>("left");
  await chain.ask("run", { calls: CALLS, concurrency: CONCURRENCY });
  const after = await chain.ask<Left>("left");
  if (SOAK) {
    process.stderr.write(`Left before and after ${CALLS} calls: ${JSON.stringify({ before, after }, null, 2)}\n`);
  }
  expect(after.abortListeners).toBe(0);
  expect(total(after.resources)).toBeLessThanOrEqual(total(before.resources) + 5);
  // Whatever one call in a hundred left would be more.
  expect(after.emitters).toBeLessThanOrEqual(before.emitters + 20);
  expect(after.signals).toBeLessThanOrEqual(before.signals + 20);
  expect(after.promises).toBeLessThanOrEqual(before.promises + 20);
  expect(after.heapBytes).toBeLessThan(before.heapBytes + 2e6);
});

const total = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((sum, count) => sum + count, 0);
