import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { NotRun } from "../../proof/suite.js";
import { benchArguments } from "./arguments.js";
import { ratioChart } from "./chart.js";
import { Contestant } from "./contestant.js";
import { type GoPrograms, goPrograms } from "./go-programs.js";
import { type RoundRecord, readRecords, writeRecords } from "./records.js";
import { loadAverage, machine, resultsOf, resultsText, scenarioResults } from "./results.js";
import type { Scenario } from "./scenario.js";
import { resultTable } from "./table.js";
import { needsGo, type View } from "./view.js";

interface Node {
  readonly path: string;
  readonly version: string;
}

const { BENCH_FOLDER = ".", BENCH_NODES = "[]" } = process.env;
const nodes = JSON.parse(BENCH_NODES) as readonly Node[];
const bench = benchArguments(process.argv.slice(2), join(BENCH_FOLDER, "results"));
// Not committed: only `--append` needs it.
const recordsFile = bench.out === undefined ? undefined : join(bench.out, "rpc-rounds.json");
const records: RoundRecord[] = bench.append && recordsFile !== undefined ? [...readRecords(recordsFile)] : [];
const go = await preparedGo();
for (const node of nodes) {
  for (const { view, scenarios } of bench.views) {
    await look(node, view, scenarios);
  }
}
save();

/** Go's programs, if one of the views needs them and they can be had. */
async function preparedGo(): Promise<GoPrograms | undefined> {
  if (!bench.views.some(({ view }) => view.subjects.some((subject) => needsGo(view, subject)))) {
    return undefined;
  }
  try {
    return await goPrograms(BENCH_FOLDER);
  } catch (error) {
    if (!(error instanceof NotRun)) {
      throw error;
    }
    process.stderr.write(`What needs Go is left out: ${error.message}\n`);
    return undefined;
  }
}

async function look({ path, version }: Node, view: View, scenarios: readonly Scenario[]): Promise<void> {
  const subjects = view.subjects.filter((subject) => go !== undefined || !needsGo(view, subject));
  const contestants: Contestant[] = [];
  for (const name of subjects) {
    contestants.push(await Contestant.start(name, view, { node: path, version, profiles: bench.profiles, go }));
  }
  for (const scenario of contestants.length === 0 ? [] : scenarios) {
    const measured = await measure(contestants, { view: view.name, node: version, scenario });
    records.push(...measured);
    process.stdout.write(
      scenarioResults(measured)
        .map((result) => `${resultTable(view, result)}\n`)
        .join(""),
    );
  }
  await Promise.all(contestants.map((contestant) => contestant.stop()));
}

async function measure(
  contestants: readonly Contestant[],
  { scenario, ...where }: { readonly view: View["name"]; readonly node: string; readonly scenario: Scenario },
): Promise<readonly RoundRecord[]> {
  for (const contestant of contestants) {
    await contestant.warmUp(scenario, bench.warmUp);
  }
  const measured: RoundRecord[] = [];
  for (let round = 0; round < bench.rounds; round += 1) {
    const rounds: RoundRecord["rounds"] = {};
    const now = { ...machine(), date: new Date().toISOString().slice(0, 10), loadAverage: loadAverage() };
    // Each round starts with another one, so that nobody always comes after the same.
    const first = round % contestants.length;
    for (const contestant of [...contestants.slice(first), ...contestants.slice(0, first)]) {
      Object.assign(rounds, { [contestant.name]: await contestant.round(scenario, bench.seconds) });
    }
    measured.push({ ...where, ...now, scenario: scenario.name, seconds: bench.seconds, rounds });
  }
  return measured;
}

function save(): void {
  if (bench.out === undefined || recordsFile === undefined) {
    return;
  }
  const results = resultsOf(records, installedVersions());
  writeRecords(recordsFile, records);
  mkdirSync(bench.out, { recursive: true });
  writeFileSync(join(bench.out, "rpc.json"), resultsText(results));
  writeFileSync(join(bench.out, "rpc.svg"), ratioChart(results));
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
