// `npm run bench:codegen`: how long plugins take from a request to a response, as whole processes, and how much memory.
//
//   --inputs=small,pubsub   only these (see requests.mjs)
//   --plugins=accord,…      only these (see plugins.mjs)
//   --rounds=3              how often each is run; default: more for what is short
//   --limit=600             the seconds after which a process is ended
//
// The plugins take turns, so that what else the machine does hits all of them; a ratio is of two runs of the same round.
// Writes test/bench/results/codegen.json, unless only a part is run.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { run } from "./measure.mjs";
import { PLUGINS, REFERENCE } from "./plugins.mjs";
import { INPUTS, requestOf, withParameter } from "./requests.mjs";

const bench = join(dirname(fileURLToPath(import.meta.url)), "..");

/** A plugin that takes longer than this many seconds is run once only. */
const LONG = 60;

const { values } = parseArgs({
  options: {
    inputs: { type: "string" },
    plugins: { type: "string" },
    rounds: { type: "string" },
    limit: { type: "string", default: "600" },
  },
});
const inputs = select(INPUTS, values.inputs);
const plugins = select(PLUGINS, values.plugins);

installComparisons();
const results = [];
for (const input of inputs) {
  const result = await compare(input);
  results.push(result);
  printTable(result);
}
if (values.inputs === undefined && values.plugins === undefined) {
  const path = join(bench, "results/codegen.json");
  mkdirSync(dirname(path), { recursive: true });
  const machine = `${cpus()[0]?.model ?? "?"} × ${cpus().length}, Node ${process.versions.node}`;
  writeFileSync(path, `${JSON.stringify({ machine, versions: versions(), inputs: results }, null, 2)}\n`);
}

async function compare(input) {
  const file = requestOf(input);
  const rounds = Number(values.rounds ?? input.rounds);
  const contestants = plugins.filter(({ name }) => input.only?.includes(name) ?? true);
  const runs = new Map(contestants.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    // Who begins changes, so that nobody is always the one behind another.
    for (let i = 0; i < contestants.length; i++) {
      const plugin = contestants[(i + round) % contestants.length];
      const before = runs.get(plugin.name);
      const [first] = before;
      if (first !== undefined && (first.failure !== undefined || first.seconds > LONG)) {
        continue;
      }
      process.stderr.write(`${input.name}: round ${round + 1} of ${rounds}, ${plugin.name} …\n`);
      before.push({ round, ...(await run(plugin, withParameter(file, plugin.parameter), Number(values.limit))) });
    }
  }
  return {
    name: input.name,
    title: input.title,
    requestMiB: readFileSync(file).length / 2 ** 20,
    plugins: Object.fromEntries([...runs].map(([name, own]) => [name, summary(own, runs.get(REFERENCE) ?? [])])),
  };
}

function summary(runs, reference) {
  const failure = runs.find((run) => run.failure !== undefined)?.failure;
  if (failure !== undefined) {
    return { failure };
  }
  const ratiosOf = (measure) =>
    runs.flatMap((run) => {
      // A reference that is run once only is what all rounds are compared with.
      const other = reference.find(({ round }) => round === run.round) ?? reference[0];
      return other?.[measure] === undefined ? [] : [run[measure] / other[measure]];
    });
  const ratios = ratiosOf("seconds");
  return {
    runs: runs.length,
    seconds: spread(runs.map(({ seconds }) => seconds)),
    ...(ratios.length > 0 ? { ratio: spread(ratios) } : {}),
    ...(runs[0].peakMiB === undefined
      ? {}
      : {
          processorSeconds: spread(runs.map(({ processorSeconds }) => processorSeconds)),
          ...(ratios.length > 0 ? { processorRatio: spread(ratiosOf("processorSeconds")) } : {}),
          peakMiB: spread(runs.map(({ peakMiB }) => peakMiB)),
        }),
    outputMiB: round3(runs[0].outputMiB),
  };
}

function spread(numbers) {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const median = (sorted[Math.ceil(middle) - 1] + sorted[Math.floor(middle)]) / 2;
  return { median: round3(median), min: round3(sorted[0]), max: round3(sorted.at(-1)) };
}

function round3(number) {
  return Number(number.toPrecision(3));
}

function printTable({ title, requestMiB, plugins: measured }) {
  console.log(`\n${title}: a request of ${round3(requestMiB)} MiB\n`);
  const rows = Object.entries(measured).map(([name, result]) =>
    result.failure === undefined
      ? [
          name,
          `${text(result.seconds)} s`,
          result.ratio === undefined ? "" : `× ${text(result.ratio)}`,
          result.peakMiB === undefined ? "" : `${result.peakMiB.max} MiB`,
          `${result.runs}`,
        ]
      : [name, result.failure, "", "", ""],
  );
  const table = [["", "time", `of ${REFERENCE}`, "memory", "runs"], ...rows];
  const widths = table[0].map((_, column) => Math.max(...table.map((row) => row[column].length)));
  for (const row of table) {
    console.log(
      row
        .map((cell, column) => cell.padEnd(widths[column]))
        .join("   ")
        .trimEnd(),
    );
  }
}

function text({ median, min, max }) {
  return min === max ? String(median) : `${median} (${min}–${max})`;
}

function select(all, names) {
  if (names === undefined) {
    return all;
  }
  return names.split(",").map((name) => {
    const found = all.find((one) => one.name === name);
    if (found === undefined) {
      console.error(`There is no "${name}"; there are ${all.map((one) => one.name).join(", ")}.`);
      process.exit(1);
    }
    return found;
  });
}

function versions() {
  const { dependencies } = JSON.parse(readFileSync(join(bench, "package.json"), "utf8"));
  const names = ["@bufbuild/protoc-gen-es", "ts-proto"];
  return Object.fromEntries(names.map((name) => [name, dependencies[name]]));
}

function installComparisons() {
  if (!Object.entries(versions()).every(([name]) => existsSync(join(bench, "node_modules", name)))) {
    process.stderr.write("Installing what is compared with …\n");
    execFileSync("npm", ["install", "--no-audit", "--no-fund", "--loglevel=error"], { cwd: bench });
  }
}
