import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { benchArguments } from "./arguments.js";
import { ratioChart } from "./chart.js";
import { Contestant, type Round } from "./contestant.js";
import {
  circumstances,
  loadAverage,
  type Results,
  resultsText,
  type ScenarioResult,
  scenarioResult,
} from "./results.js";
import type { Scenario } from "./scenario.js";
import type { SubjectName } from "./subject.js";
import { resultTable } from "./table.js";

const { BENCH_FOLDER = "." } = process.env;
const bench = benchArguments(process.argv.slice(2), join(BENCH_FOLDER, "results"));

const before = loadAverage();
const contestants: Contestant[] = [];
for (const name of bench.subjects) {
  contestants.push(await Contestant.start(name, bench.profiles));
}
const scenarios: ScenarioResult[] = [];
for (const scenario of bench.scenarios) {
  const result = await measure(scenario);
  process.stdout.write(`${resultTable(result)}\n`);
  scenarios.push(result);
}
await Promise.all(contestants.map((contestant) => contestant.stop()));
if (bench.out !== undefined) {
  write(bench.out);
}

async function measure(scenario: Scenario): Promise<ScenarioResult> {
  const rounds = new Map<SubjectName, Round[]>(contestants.map(({ name }) => [name, []]));
  for (const contestant of contestants) {
    await contestant.warmUp(scenario, Math.ceil(scenario.warmUpCalls * bench.warmUp));
  }
  for (let round = 0; round < bench.rounds; round += 1) {
    // Each round starts with another one, so that nobody always comes after the same.
    const first = round % contestants.length;
    for (const contestant of [...contestants.slice(first), ...contestants.slice(0, first)]) {
      // A connection may have been closed while the others had their turns.
      await contestant.warmUp(scenario, scenario.concurrency * 2);
      rounds.get(contestant.name)?.push(await contestant.round(scenario, bench.seconds));
    }
  }
  return scenarioResult(scenario, rounds);
}

function write(folder: string): void {
  const results: Results = {
    ...circumstances(installedVersions(), bench.subjects),
    rounds: bench.rounds,
    secondsPerRound: bench.seconds,
    loadAverage: { before, after: loadAverage() },
    scenarios,
  };
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "rpc.json"), resultsText(results));
  writeFileSync(join(folder, "rpc.svg"), ratioChart(results));
}

function installedVersions(): Record<string, string> {
  const { resolve } = createRequire(join(BENCH_FOLDER, "package.json"));
  const manifests = [
    "@grpc/grpc-js",
    "@bufbuild/protobuf",
    "@connectrpc/connect-node",
    "nice-grpc",
    "ts-proto",
    "pino",
  ];
  return Object.fromEntries(manifests.map((name) => [name, versionOf(name, resolve.paths(name) ?? [])]));
}

// Not every package lets its package.json be imported.
function versionOf(name: string, folders: readonly string[]): string {
  const path = folders.map((folder) => join(folder, name, "package.json")).find((candidate) => existsSync(candidate));
  return path === undefined ? "unknown" : (JSON.parse(readFileSync(path, "utf8")) as { version: string }).version;
}
