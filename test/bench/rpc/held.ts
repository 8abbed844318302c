// What a server costs before it is called, and between calls: its start, connections that come at once and stay, and streams that
// stay open. Each figure is of a server that was just started.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { NodeProcess } from "./node-process.js";
import { ratios, type Spread, spread } from "./ratio.js";
import { BASE, loadAverage, machine, resultsText } from "./results.js";
import type { SubjectName } from "./subject.js";

/** What is measured, in the order in which the page tells of it. */
const MEASURES = {
  startMs: "start-up, ms",
  startCpuMs: "start-up, ms of CPU",
  stormMs: "2,000 connections with a call each, ms",
  stormCpuMs: "the same, ms of the server's CPU",
  connectionKiB: "an idle connection, KiB of RSS",
  connectionHeapKiB: "the same, KiB of the heap",
  streamKiB: "an open stream of 10,000 on one connection, KiB of RSS",
  streamHeapKiB: "the same, KiB of the heap",
} as const;

type Measures = Readonly<Record<keyof typeof MEASURES, number>>;

const CONNECTIONS = 2_000;
const STREAMS = 10_000;
const SUBJECTS: readonly SubjectName[] = ["http2", "grpc-js", "connect-node", "accord-silent", "accord"];

const { values } = parseArgs({ options: { rounds: { type: "string", default: "5" }, out: { type: "string" } } });
const { BENCH_FOLDER = ".", BENCH_NODES = "[]" } = process.env;
const nodes = JSON.parse(BENCH_NODES) as readonly { readonly path: string; readonly version: string }[];
const rounds = Number(values.rounds);
const loads = [loadAverage()];
const results = [];
for (const { path, version } of nodes) {
  const measured = new Map<SubjectName, Measures[]>(SUBJECTS.map((subject) => [subject, []]));
  for (let round = 0; round < rounds; round += 1) {
    const first = round % SUBJECTS.length;
    for (const subject of [...SUBJECTS.slice(first), ...SUBJECTS.slice(0, first)]) {
      measured.get(subject)?.push(await measure(subject, path));
    }
  }
  results.push({
    node: version,
    subjects: [...measured].map(([subject, own]) => summary(subject, own, measured.get(BASE))),
  });
}
loads.push(loadAverage());
const text = resultsText({
  date: new Date().toISOString().slice(0, 10),
  howToRepeat: "npm run bench:held -- --node=20,24,26",
  ...machine(),
  rounds,
  loadAverage: spread(loads),
  measures: MEASURES,
  nodes: results,
});
process.stdout.write(text);
const folder = values.out ?? join(BENCH_FOLDER, "results");
mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, "held.json"), text);

async function measure(subject: SubjectName, node: string): Promise<Measures> {
  const storm = await withServer(subject, node, async (server, port, connections) => {
    const { milliseconds = 0 } = await connections.ask({ kind: "connect", port, connections: CONNECTIONS });
    return { stormMs: milliseconds, ...(await server()) };
  });
  const streams = await withServer(subject, node, async (server, port, connections) => {
    await connections.ask({ kind: "watch", port, streams: STREAMS });
    return server();
  });
  return {
    startMs: (storm.startMs + streams.startMs) / 2,
    startCpuMs: (storm.startCpuMs + streams.startCpuMs) / 2,
    stormMs: storm.stormMs,
    stormCpuMs: storm.cpuMs,
    connectionKiB: storm.residentKiB / CONNECTIONS,
    connectionHeapKiB: storm.heapKiB / CONNECTIONS,
    streamKiB: streams.residentKiB / STREAMS,
    streamHeapKiB: streams.heapKiB / STREAMS,
  };
}

/** What a server has used since it was started. */
interface Growth {
  readonly cpuMs: number;
  readonly residentKiB: number;
  readonly heapKiB: number;
}

async function withServer<Result>(
  subject: SubjectName,
  node: string,
  use: (server: () => Promise<Growth>, port: number, connections: NodeProcess) => Promise<Result>,
): Promise<Result & { readonly startMs: number; readonly startCpuMs: number }> {
  const start = { subject, profiles: undefined, label: subject };
  const connections = new NodeProcess("connections", { ...start, node: process.execPath });
  const startedAt = performance.now();
  const server = new NodeProcess("server", { ...start, node, flags: ["--expose-gc"] });
  const { port = 0 } = await server.ask({ kind: "start", subject });
  const startMs = performance.now() - startedAt;
  const { cpuMicroseconds: startCpu } = await server.usage();
  const before = await server.usage(true);
  const result = await use(
    async () => {
      const { cpuMicroseconds } = await server.usage();
      const { residentBytes, heapBytes } = await server.usage(true);
      return {
        cpuMs: (cpuMicroseconds - before.cpuMicroseconds) / 1000,
        residentKiB: (residentBytes - before.residentBytes) / 1024,
        heapKiB: (heapBytes - before.heapBytes) / 1024,
      };
    },
    port,
    connections,
  );
  await connections.stop();
  await server.stop();
  return { ...result, startMs, startCpuMs: startCpu / 1000 };
}

function summary(subject: SubjectName, own: readonly Measures[], base: readonly Measures[] = []) {
  const keys = Object.keys(MEASURES) as (keyof Measures)[];
  const each = (make: (key: keyof Measures) => Spread) => Object.fromEntries(keys.map((key) => [key, make(key)]));
  return {
    subject,
    figures: each((key) => spread(own.map((measures) => measures[key]))),
    ratios: each((key) =>
      ratios(
        own.map((measures) => measures[key]),
        base.map((measures) => measures[key]),
      ),
    ),
  };
}
