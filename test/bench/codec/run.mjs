// `npm run bench:codec`: how fast messages are encoded and decoded, as ratios between subjects.
//
//   --quick                   three short rounds, only to see it work; writes no results
//   --node=20,24,26           on which Nodes: majors, versions or paths. Default: the one that runs this
//   --rounds=15 --milliseconds=150 how often, and how long each time
//   --tasks=text/,large/decode only these, by the beginning of their names; writes no results
//   --append                  adds the rounds to those of the runs before: a machine that is busy is better asked in parts
//
// Each subject has a process of its own. They take turns with the same task, one after the other within a round, so that
// what else the machine does hits all of them; a ratio is of two measurements of the same round. Measured is processor time.
import { fork } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { installComparisons } from "../install.mjs";
import { nodesOf } from "../nodes.mjs";
import { drawRatios } from "./draw.mjs";
import { generate, SUBJECTS } from "./generate.mjs";
import { WORKLOADS } from "./payloads.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "../../..");
const folder = join(root, "test/bench/results");
// All rounds of all runs, for `--append`. What is committed is made of them.
const roundsFile = join(folder, "codec-rounds.json");
const WARM_UP_ROUNDS = 3;
const RIVALS = ["protobuf-es", "ts-proto", "protobufjs", "pbf"];

const { values } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    node: { type: "string" },
    rounds: { type: "string" },
    milliseconds: { type: "string" },
    tasks: { type: "string" },
    append: { type: "boolean", default: false },
  },
});
const rounds = Number(values.rounds ?? (values.quick ? 3 : 15));
const milliseconds = Number(values.milliseconds ?? (values.quick ? 30 : 150));
const saved =
  values.append && existsSync(roundsFile) ? JSON.parse(readFileSync(roundsFile, "utf8")) : { nodes: {}, loads: [] };

installComparisons();
const bundles = await generate();
saved.loads.push(loadavg()[0]);
for (const node of nodesOf(values.node)) {
  const subjects = await startSubjects(bundles, node.path);
  const measured = await measureAll(subjects);
  for (const { process } of Object.values(subjects)) {
    process.disconnect();
  }
  saved.nodes[node.version] ??= {};
  for (const [task, times] of Object.entries(measured)) {
    const before = saved.nodes[node.version][task] ?? {};
    saved.nodes[node.version][task] = Object.fromEntries(
      SUBJECTS.map((subject) => [subject, [...(before[subject] ?? []), ...times[subject]]]),
    );
  }
  printTable(node.version, saved.nodes[node.version]);
}
saved.loads.push(loadavg()[0]);
if (!values.quick && values.tasks === undefined) {
  const results = summarise(saved);
  mkdirSync(folder, { recursive: true });
  writeFileSync(roundsFile, JSON.stringify(saved));
  writeFileSync(join(folder, "codec.json"), `${JSON.stringify(results, null, 2)}\n`);
  writeFileSync(join(folder, "codec.svg"), drawRatios(results));
}

async function startSubjects(bundles, execPath) {
  const started = {};
  for (const name of SUBJECTS) {
    const child = fork(join(here, "subject.mjs"), [bundles[name]], { stdio: "inherit", execPath });
    started[name] = { process: child, ...(await nextMessage(child)) };
  }
  const expected = started["protobuf-es"].bytes;
  for (const [name, { bytes }] of Object.entries(started)) {
    for (const workload of Object.keys(WORKLOADS)) {
      if (bytes[workload] !== undefined && bytes[workload] !== expected[workload]) {
        throw new Error(`${name} writes ${workload} differently than protobuf-es`);
      }
    }
  }
  return started;
}

async function measureAll(subjects) {
  const measured = {};
  for (const task of subjects["protobuf-es"].tasks.filter(isWanted)) {
    const [workload, name] = task.split("/");
    process.stderr.write(`${workload}: ${name} …\n`);
    const times = Object.fromEntries(SUBJECTS.map((subject) => [subject, []]));
    for (let round = 0; round < WARM_UP_ROUNDS + rounds; round++) {
      // Who begins changes, so that nobody is always the one behind another.
      for (let i = 0; i < SUBJECTS.length; i++) {
        const subject = SUBJECTS[(i + round) % SUBJECTS.length];
        const child = subjects[subject].process;
        child.send({ workload, task: name, milliseconds });
        const { nanoseconds } = await nextMessage(child);
        if (nanoseconds !== undefined && round >= WARM_UP_ROUNDS) {
          times[subject].push(Math.round(nanoseconds));
        }
      }
    }
    measured[task] = times;
  }
  return measured;
}

function isWanted(task) {
  return values.tasks?.split(",").some((part) => task.startsWith(part)) ?? true;
}

async function nextMessage(child) {
  const ended = new AbortController();
  const exit = once(child, "exit", { signal: ended.signal }).then(([code]) => {
    throw new Error(`A subject ended with ${code}`);
  });
  exit.catch(() => undefined);
  try {
    const [message] = await Promise.race([once(child, "message", { signal: ended.signal }), exit]);
    return message;
  } finally {
    ended.abort();
  }
}

function summarise({ nodes, loads }) {
  const version = (name) => JSON.parse(readFileSync(join(root, name, "package.json"), "utf8")).version;
  const compared = ["@bufbuild/protobuf", "ts-proto", "protobufjs", "pbf"];
  return {
    when: new Date().toISOString().slice(0, 10),
    cpu: `${cpus().length} × ${cpus()[0]?.model ?? "unknown"}`,
    // Of the machine, before and after each run: more than its processors means that others were busy.
    loadAverage: { min: Math.min(...loads), max: Math.max(...loads) },
    versions: {
      accord: version("runtime"),
      ...Object.fromEntries(compared.map((name) => [name, version(`test/bench/node_modules/${name}`)])),
    },
    nodes: Object.entries(nodes).map(([node, measured]) => ({
      node,
      rounds: Object.values(measured)[0].accord.length,
      tasks: Object.entries(measured).map(([task, times]) => ({
        task,
        nanoseconds: Object.fromEntries(
          Object.entries(times).flatMap(([name, values]) =>
            values.length === 0 ? [] : [[name, Math.round(median(values))]],
          ),
        ),
        ratios: ratiosOf(times),
      })),
    })),
  };
}

/** How many times as fast as each other one, in the same round. */
function ratiosOf(times) {
  return {
    ...Object.fromEntries(RIVALS.map((rival) => [`accord : ${rival}`, ratio(times[rival], times.accord)])),
    "accord-transient : accord": ratio(times.accord, times["accord-transient"]),
  };
}

function ratio(slower, faster) {
  if (faster.length === 0 || slower.length === 0) {
    return undefined;
  }
  const ratios = slower.map((time, round) => time / faster[round]);
  const [min, mid, max] = [Math.min(...ratios), median(ratios), Math.max(...ratios)];
  // On a busy machine, the fastest rounds say more than the median ones.
  const fastest = Math.min(...slower) / Math.min(...faster);
  return { median: rounded(mid), min: rounded(min), max: rounded(max), fastest: rounded(fastest) };
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

function rounded(value) {
  return Math.round(value * 100) / 100;
}

function printTable(node, measured) {
  const columns = Object.keys(ratiosOf(Object.values(measured)[0]));
  process.stdout.write(`Node ${node}. Times as fast: median (lowest–highest) of all rounds; of the fastest rounds\n`);
  process.stdout.write(`${"".padEnd(26)}${columns.map((name) => name.padStart(28)).join("")}\n`);
  for (const [task, times] of Object.entries(measured)) {
    const cells = Object.values(ratiosOf(times)).map((one) => cell(one).padStart(28));
    process.stdout.write(`${task.padEnd(26)}${cells.join("")}\n`);
  }
}

function cell(ratio) {
  if (ratio === undefined) {
    return "";
  }
  const [mid, min, max, fastest] = [ratio.median, ratio.min, ratio.max, ratio.fastest].map((value) => value.toFixed(2));
  return `${mid} (${min}–${max}); ${fastest}`;
}
