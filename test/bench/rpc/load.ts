import { makeCall, type Scenario } from "./scenario.js";
import type { BenchClient } from "./subject.js";

/** What a round of load measured, on the client's side. Times are in milliseconds. */
export interface LoadResult {
  readonly calls: number;
  readonly seconds: number;
  readonly p50: number;
  readonly p99: number;
}

// Calls one after the other warm nothing that calls at once don't, and take longer.
const WARM_UP_CONCURRENCY = 16;

/** Makes so many calls, and measures nothing. */
export async function warmUp(client: BenchClient, scenario: Scenario, calls: number): Promise<void> {
  let left = calls;
  await inParallel(Math.min(Math.max(scenario.concurrency, WARM_UP_CONCURRENCY), calls), async () => {
    while (left > 0) {
      left -= 1;
      await makeCall(scenario, client);
    }
  });
}

/** Keeps as many calls under way as the scenario says, for so long. */
export async function load(client: BenchClient, scenario: Scenario, seconds: number): Promise<LoadResult> {
  const latencies: number[] = [];
  const startedAt = performance.now();
  const endAt = startedAt + seconds * 1000;
  await inParallel(scenario.concurrency, async () => {
    for (let from = performance.now(); from < endAt; ) {
      await makeCall(scenario, client);
      const to = performance.now();
      latencies.push(to - from);
      from = to;
    }
  });
  const elapsed = performance.now() - startedAt;
  const sorted = Float64Array.from(latencies).sort();
  const quantile = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return { calls: sorted.length, seconds: elapsed / 1000, p50: quantile(0.5), p99: quantile(0.99) };
}

async function inParallel(count: number, body: () => Promise<void>): Promise<void> {
  await Promise.all(Array.from({ length: count }, body));
}
