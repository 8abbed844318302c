import { setTimeout as delay } from "node:timers/promises";
import { afterEach, expect, it } from "vitest";
import { LedgerService } from "../../example/src/gen/ledger/v1/ledger_pb.js";
import {
  Health,
  HealthCheckResponse_ServingStatus as Serving,
} from "../../runtime/src/gen/grpc/health/v1/health_pb.js";
import { RawClient } from "../../runtime/test-support/raw-client.js";
import type { ChildProcess } from "../e2e/child-process.js";
import { startProgram } from "../e2e/node-program.js";

// Health checks while handlers compute for nine tenths of the time: that they are answered, and with `npm run soak`, how
// long that takes. A probe waits for nothing but turns of the event loop: for the one in which its request is read, and
// answered. So it is the slices in which handlers compute that decide.

const SOAK = process.env.ACCORD_SOAK !== undefined;
const PROBES = SOAK ? 400 : 10;
/** Not in step with the slices. */
const betweenProbesMs = (): number => (SOAK ? 60 * Math.random() : 0);

const close: (() => unknown)[] = [];
afterEach(async () => {
  await Promise.all(close.splice(0).map((each) => each()));
});

async function start(): Promise<{ readonly server: ChildProcess; readonly address: string }> {
  const server = await startProgram("e2e/programs/ledger.ts", ["127.0.0.1:0"]);
  close.push(() => server.kill());
  const { address } = await server.event(({ message }) => message === "server.started");
  return { server, address: String(address) };
}

function client(address: string): RawClient {
  const made = new RawClient(address);
  close.push(() => made.close());
  return made;
}

/** Has handlers compute, until it is told to stop. */
type Work = (caller: RawClient) => () => void;

/** Calls that come one after the other, and compute in one go. */
const calls =
  (computeMs: number, everyMs: number): Work =>
  (caller) => {
    const timer = setInterval(() => {
      void caller.call(LedgerService.method.getAccount, [{ accountId: `burn ${computeMs} 0 ${computeMs}` }]);
    }, everyMs);
    return () => clearInterval(timer);
  };

/** One call that computes in slices. */
const slices =
  (onMs: number, offMs: number): Work =>
  (caller) => {
    const call = caller.open(LedgerService.method.getAccount);
    void call.send({ accountId: `burn ${onMs} ${offMs} 600000` });
    call.halfClose();
    return () => call.cancel();
  };

const WORK: readonly (readonly [string, Work])[] = [
  ["nothing", () => () => {}],
  ["slices of 9 ms", slices(9, 1)],
  ["slices of 18 ms", slices(18, 2)],
  ["slices of 27 ms", slices(27, 3)],
  ["slices of 45 ms", slices(45, 5)],
  ["calls that compute 8 ms each, a hundred a second", calls(8, 10)],
];

it.each(SOAK ? WORK : WORK.slice(1, 2))("health checks are answered beside: %s", async (what, work) => {
  const { server, address } = await start();
  const stop = work(client(address));
  const prober = client(address);
  const probe = () => prober.call(Health.method.check, [{ service: "ledger.v1.LedgerService" }]);
  await probe();
  const busy = SOAK ? server.ask<number>("elu") : 0;
  const times: number[] = [];
  for (let count = 0; count < PROBES; count += 1) {
    await delay(betweenProbesMs());
    const before = performance.now();
    const { code, responses } = await probe();
    times.push(performance.now() - before);
    expect({ code, responses }).toMatchObject({ code: 0, responses: [{ status: Serving.SERVING }] });
  }
  if (SOAK) {
    const percent = Math.round(100 * (await busy));
    process.stderr.write(`Health beside ${what} (${percent} % busy): ${quantiles(times)}\n`);
  }
  stop();
});

function quantiles(times: number[]): string {
  const sorted = times.sort((a, b) => a - b);
  const at = (share: number): string => (sorted[Math.floor(share * (sorted.length - 1))] ?? Number.NaN).toFixed(1);
  return `median ${at(0.5)} ms, 99 % ${at(0.99)} ms, longest ${at(1)} ms`;
}
