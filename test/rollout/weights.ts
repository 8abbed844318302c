// `npm run rollout -- --weights`: three backends of which one takes twice as long for each call, under weighted round robin with
// gRPC's own times, and how many calls each of them gets. Exit code 1: the slow one doesn't get about half of what the others do.
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { buildChannel } from "@accord-grpc/runtime/codegen/v1";
import { credentials } from "@grpc/grpc-js";
import { LedgerServiceClient } from "../../example/src/gen/ledger/v1/ledger_client.js";
import { freePort } from "../free-port.js";
import { notePeers, watchedChannel } from "./call-peers.js";
import { SpeakingProcess } from "./process.js";
import type { WeightsBackendInit } from "./weights-backend.js";

const CALLS_PER_SECOND = 27;
// Far more than what a call costs beside it, which is the same on each of them.
const WORK_MS = 24;
const SPEEDS = [1, 1, 0.5];
// Weights count from the tenth second of a connection on (gRFC A58), and are looked at each second.
const UNTIL_WEIGHED_MS = 13_000;
const COUNTED_MS = 20_000;
const ABOUT_HALF: readonly [number, number] = [0.35, 0.65];

const backends = await Promise.all(
  SPEEDS.map(async (speed) => {
    const init: WeightsBackendInit = { address: `127.0.0.1:${await freePort()}`, workMs: WORK_MS / speed };
    const script = fileURLToPath(new URL("./weights-backend.js", import.meta.url));
    const env = { BACKEND: JSON.stringify(init), LOG_LEVEL: "error", NODE_ENV: "production" };
    const process_ = new SpeakingProcess([process.execPath, script], env);
    await process_.event("started");
    return { ...init, speed, process: process_ };
  }),
);
const target = `ipv4:${backends.map(({ address }) => address).join(",")}`;
const channel = watchedChannel(
  buildChannel(
    target,
    { loadBalancingConfig: [{ weighted_round_robin: {} }, { round_robin: {} }] },
    { credentials: credentials.createInsecure() },
  ),
);
const ledger = new LedgerServiceClient(channel);
const pending = new Set<Promise<unknown>>();

const evenly = await play(UNTIL_WEIGHED_MS, 8_000);
const weighed = await play(COUNTED_MS, COUNTED_MS);
channel.close();
for (const { process: backend } of backends) {
  backend.signal("SIGTERM");
}
await Promise.all(backends.map(({ process: backend }) => backend.exited));

const full = ((weighed[0] ?? 0) + (weighed[1] ?? 0)) / 2;
const ratio = (weighed[2] ?? 0) / full;
const row = (counts: readonly number[]) => counts.map((count, index) => `${count} at ${SPEEDS[index]} ×`).join(", ");
process.stdout.write(`before weights count: ${row(evenly)}\n`);
process.stdout.write(`after: ${row(weighed)}; the slow one gets ${ratio.toFixed(2)} of what the others do\n`);
process.exit(ratio >= ABOUT_HALF[0] && ratio <= ABOUT_HALF[1] ? 0 : 1);

/** Makes calls at a steady rate for a time, and counts those of its first part by backend. */
async function play(forMs: number, countedMs: number): Promise<number[]> {
  const counts = backends.map(() => 0);
  const startedAt = performance.now();
  for (let made = 0; performance.now() - startedAt < forMs; ) {
    const elapsed = performance.now() - startedAt;
    for (const due = Math.floor((elapsed / 1000) * CALLS_PER_SECOND); made < due; made += 1) {
      const call = one((index) => {
        if (elapsed < countedMs) {
          counts[index] = (counts[index] ?? 0) + 1;
        }
      });
      pending.add(call);
      void call.finally(() => pending.delete(call));
    }
    await delay(5);
  }
  await Promise.all(pending);
  return counts;
}

async function one(counted: (backend: number) => void): Promise<void> {
  const { result, peers } = notePeers(() => ledger.getAccount({ accountId: "CH93" }, { timeoutMs: 5_000 }));
  await result;
  counted(backends.findIndex(({ address }) => address === peers().at(-1)));
}
