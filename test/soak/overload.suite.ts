import { setTimeout as delay } from "node:timers/promises";
import { status } from "@grpc/grpc-js";
import { afterEach, expect, it } from "vitest";
import { Health } from "../../runtime/src/gen/grpc/health/v1/health_pb.js";
import { ProbeService } from "../../runtime/test-support/gen/probe/v1/probe_pb.js";
import { RawClient } from "../../runtime/test-support/raw-client.js";
import type { ChildProcess } from "../e2e/child-process.js";
import { startProgram } from "../e2e/node-program.js";

// Three times the calls that a server can take: with a limit, those that it begins are answered in time, and health checks are. A
// pool of eight that takes 160 ms for a call can answer 50 a second.

const SOAK = process.env.ACCORD_SOAK !== undefined;
const CAPACITY = 50;
const DEADLINE_MS = 1000;
/** What fills the pool, and half as many that wait for it: a turn of a busy event loop goes by before the next call is begun. */
const LIMIT = "12";

let server: ChildProcess | undefined;
let client: RawClient | undefined;
afterEach(async () => {
  client?.close();
  await server?.kill();
});

/** What the server's pool did. */
interface Done {
  readonly calls: number;
  readonly busyMs: number;
}

interface Load {
  readonly ends: readonly (number | undefined)[];
  /** What the calls took that were answered in time, ascending. */
  readonly servedMs: readonly number[];
  /** And the health checks beside them. */
  readonly healthMs: readonly number[];
  /** A busy machine takes longer to make the calls than it should. */
  readonly seconds: number;
}

/** Makes so many calls a second, whatever becomes of them. */
async function load(caller: RawClient, perSecond: number, forSeconds: number): Promise<Load> {
  const calls: Promise<number | undefined>[] = [];
  const servedMs: number[] = [];
  const healthMs: number[] = [];
  const started = performance.now();
  let healthAt = started;
  for (let count = 0; count < perSecond * forSeconds; count += 1) {
    await delay(started + (count * 1000) / perSecond - performance.now());
    calls.push(
      timed(servedMs, () => caller.call(ProbeService.method.unary, [{}], { deadline: Date.now() + DEADLINE_MS })),
    );
    if (performance.now() - healthAt >= 200) {
      healthAt = performance.now();
      calls.push(timed(healthMs, () => caller.call(Health.method.check, [{}])));
    }
  }
  const seconds = (performance.now() - started) / 1000;
  const ends = await Promise.all(calls);
  return { ends, seconds, servedMs: servedMs.sort((a, b) => a - b), healthMs: healthMs.sort((a, b) => a - b) };
}

async function timed(times: number[], call: () => Promise<{ code: number | undefined }>): Promise<number | undefined> {
  const before = performance.now();
  const { code } = await call();
  if (code === status.OK) {
    times.push(performance.now() - before);
  }
  return code;
}

const at = (sorted: readonly number[], share: number): string =>
  (sorted[Math.floor(share * (sorted.length - 1))] ?? Number.NaN).toFixed(0);

it.each(SOAK ? [LIMIT, LIMIT, "9", "0"] : [LIMIT])("three times the load, maxConcurrentCalls %s", async (limit) => {
  server = await startProgram("soak/pool.ts", ["8", "160", limit]);
  const address = String((await server.event("ready")).address);
  client = new RawClient(address);
  const seconds = SOAK ? 20 : 1;
  const light = await load(client, CAPACITY / 2, SOAK ? 10 : 1);
  const before = await server.ask<Done>("done");
  const heavy = await load(client, 3 * CAPACITY, seconds);
  const after = await server.ask<Done>("done");
  const expected: (number | undefined)[] = [status.OK, status.UNAVAILABLE, status.DEADLINE_EXCEEDED];
  expect(heavy.ends.filter((code) => !expected.includes(code))).toEqual([]);
  expect(heavy.servedMs.length).toBeGreaterThan(0);
  expect(heavy.healthMs.length).toBeGreaterThan(0);
  if (SOAK) {
    const perSecond = (heavy.servedMs.length / heavy.seconds).toFixed(1);
    // On a machine that is busy with other things, timers are late, and the pool can do less than it should.
    const calls = after.calls - before.calls;
    const could = ((8 * 1000) / ((after.busyMs - before.busyMs) / calls)).toFixed(1);
    process.stderr.write(
      `Overload, maxConcurrentCalls ${limit}: ${perSecond} a second in time, of ${could} that the pool can do; ` +
        `${((100 * heavy.servedMs.length) / calls).toFixed(0)} % of what it did was in time; 99 % within ${at(heavy.servedMs, 0.99)} ms ` +
        `(${at(light.servedMs, 0.99)} ms at half the load); health ${at(heavy.healthMs, 0.5)} ms, at most ${at(heavy.healthMs, 1)} ms\n`,
    );
  }
});
