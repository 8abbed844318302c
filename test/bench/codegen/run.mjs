// `npm run bench:codegen`: how long plugins take from a request to a response, as whole processes, and how much memory.
//
//   --inputs=small,pubsub   only these (see requests.mjs)
//   --plugins=accord,…      only these, by their names up to a comma (see plugins.mjs)
//   --rounds=3              how often each is run; default: more for what is short
//   --limit=480             the seconds after which a process is ended, where requests.mjs has no other limit
//   --draw                  only draws codegen.svg again
//
// The plugins take turns, so that what else the machine does hits all of them; a ratio is of two runs of the same round. On a
// machine that has other things to do, processor seconds say more than seconds. Writes test/bench/results/codegen.json and
// .svg, unless only a part is run. It takes about 20 minutes on four idle cores, most of them protoc-gen-es's.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { build } from "esbuild";
import { run } from "./measure.mjs";
import { copyPlugin, GROWING, PLUGINS, REFERENCE } from "./plugins.mjs";
import { GROUPS, requestOf, WHOLE, WITH_COMMENTS, withParameter } from "./requests.mjs";
import { aims, growth, rounded, summary } from "./results.mjs";
import { aimTable, inputTable } from "./table.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const bench = join(here, "..");
const saved = join(bench, "results/codegen.json");

/** A plugin that takes longer than this many seconds is run once only. */
const LONG = 60;

const { values } = parseArgs({
  options: {
    inputs: { type: "string" },
    plugins: { type: "string" },
    rounds: { type: "string" },
    limit: { type: "string", default: "480" },
    draw: { type: "boolean", default: false },
  },
});

if (values.draw) {
  await draw(JSON.parse(readFileSync(saved, "utf8")));
} else {
  await measure();
}

async function measure() {
  installComparisons();
  copyPlugin();
  const all = GROUPS.flatMap(({ inputs }) => inputs.map(({ name }) => name));
  const inputs = select(all, values.inputs);
  const plugins = select(
    PLUGINS.map(({ name }) => name),
    values.plugins,
  );
  const load = [rounded(loadavg()[0])];
  const measured = [];
  for (const group of GROUPS) {
    const part = { ...group, inputs: group.inputs.filter(({ name }) => inputs.includes(name)) };
    measured.push(
      ...(await compare(
        part,
        PLUGINS.filter(({ name }) => plugins.includes(name)),
      )),
    );
  }
  const whole = measured.find(({ name }) => name === WHOLE);
  if (whole !== undefined) {
    const parts = [...measured.filter(({ name }) => name.startsWith(`${WHOLE}-`) && name !== WITH_COMMENTS), whole];
    const grown = GROWING.map((name) => [name, growth(parts, name)]);
    whole.growth = Object.fromEntries(grown.filter(([, found]) => found !== undefined));
  }
  const results = {
    date: new Date().toISOString().slice(0, 10),
    node: process.versions.node,
    machine: `${cpus()[0]?.model ?? "?"} × ${cpus().length}`,
    // Of the last minute, before and after. On a machine with more to do than it has cores, seconds are longer than they need be.
    load: [...load, rounded(loadavg()[0])],
    versions: versions(),
    emits: Object.fromEntries(PLUGINS.map(({ name, emits }) => [name, emits])),
    aims: aims(measured),
    inputs: measured,
  };
  for (const input of measured) {
    console.log(inputTable(input));
  }
  console.log(aimTable(results.aims));
  if (values.inputs === undefined && values.plugins === undefined) {
    mkdirSync(dirname(saved), { recursive: true });
    writeFileSync(saved, `${JSON.stringify(results, null, 2)}\n`);
    await draw(results);
  }
}

/** Runs plugins on the inputs of a group, round by round. */
async function compare({ inputs, rounds }, plugins) {
  const runs = new Map(inputs.map(({ name }) => [name, new Map(plugins.map((plugin) => [plugin.name, []]))]));
  const count = Number(values.rounds ?? rounds);
  for (let round = 0; round < count; round++) {
    for (const input of inputs) {
      // Who begins changes, so that nobody is always the one behind another.
      for (let i = 0; i < plugins.length; i++) {
        const plugin = plugins[(i + round) % plugins.length];
        const own = runs.get(input.name).get(plugin.name);
        if ((input.only?.includes(plugin.name) ?? true) && isWorthAnother(own)) {
          process.stderr.write(`${input.name}: round ${round + 1} of ${count}, ${plugin.name} …\n`);
          const request = withParameter(requestOf(input), plugin.parameter);
          own.push({ round, ...(await run(plugin, request, input.limits?.[plugin.name] ?? Number(values.limit))) });
        }
      }
    }
  }
  return inputs.map((input) => summarise(input, runs));
}

function isWorthAnother(runs) {
  const [first] = runs;
  return first === undefined || (first.seconds !== undefined && first.seconds <= LONG);
}

function summarise(input, runs) {
  const own = runs.get(input.name);
  const withoutComments = input.name === WITH_COMMENTS ? runs.get(WHOLE) : undefined;
  return {
    name: input.name,
    title: input.title,
    requestMiB: rounded(readFileSync(requestOf(input)).length / 2 ** 20),
    plugins: Object.fromEntries(
      [...own]
        .filter(([, list]) => list.length > 0)
        .map(([name, list]) => [name, summary(list, own.get(REFERENCE) ?? [], withoutComments?.get(name))]),
    ),
  };
}

async function draw(results) {
  const chart = join(here, "build/chart.mjs");
  await build({ entryPoints: [join(here, "chart.ts")], outfile: chart, bundle: true, format: "esm", platform: "node" });
  const { costChart } = await import(chart);
  writeFileSync(saved.replace(/json$/, "svg"), costChart(results));
}

function select(all, names) {
  if (names === undefined) {
    return all;
  }
  return names.split(",").flatMap((name) => {
    const found = all.filter((one) => one === name || one.startsWith(`${name},`));
    if (found.length === 0) {
      console.error(`There is no "${name}"; there are ${all.join("; ")}.`);
      process.exit(1);
    }
    return found;
  });
}

function versions() {
  const { dependencies } = JSON.parse(readFileSync(join(bench, "package.json"), "utf8"));
  const names = [REFERENCE, "ts-proto"];
  return Object.fromEntries(names.map((name) => [name, dependencies[name] ?? dependencies[`@bufbuild/${name}`]]));
}

function installComparisons() {
  if (!["@bufbuild/protoc-gen-es", "ts-proto"].every((name) => existsSync(join(bench, "node_modules", name)))) {
    process.stderr.write("Installing what is compared with …\n");
    execFileSync("npm", ["install", "--no-audit", "--no-fund", "--loglevel=error"], { cwd: bench });
  }
}
