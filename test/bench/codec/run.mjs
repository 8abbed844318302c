// `npm run bench:codec`: how fast messages are encoded and decoded, as ratios between subjects.
//
// Each subject has a process of its own. They take turns with the same task, one after the other within a round, so that
// what else the machine does hits all of them; a ratio is of two measurements of the same round. Measured is processor time.
import { execFileSync, fork } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { drawRatios } from "./draw.mjs";
import { generate, SUBJECTS } from "./generate.mjs";
import { WORKLOADS } from "./payloads.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "../../..");
const rounds = Number(process.env.ROUNDS ?? 15);
const milliseconds = Number(process.env.MILLISECONDS ?? 150);
const WARM_UP_ROUNDS = 3;

installComparisons();
const subjects = await startSubjects(await generate());
const measurements = await measureAll(subjects);
for (const { process } of Object.values(subjects)) {
  process.disconnect();
}
const results = summarise(measurements);
printTable(results);
mkdirSync(join(root, "test/bench/results"), { recursive: true });
writeFileSync(join(root, "test/bench/results/codec.json"), `${JSON.stringify(results, null, 2)}\n`);
writeFileSync(join(root, "test/bench/results/codec.svg"), drawRatios(results));

function installComparisons() {
  if (!existsSync(join(root, "test/bench/node_modules/ts-proto"))) {
    process.stderr.write("Installing what is compared with …\n");
    execFileSync("npm", ["install", "--no-audit", "--no-fund", "--loglevel=error"], { cwd: join(root, "test/bench") });
  }
}

async function startSubjects(bundles) {
  const started = {};
  for (const name of SUBJECTS) {
    const child = fork(join(here, "subject.mjs"), [bundles[name]], { stdio: "inherit" });
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
  for (const task of subjects["protobuf-es"].tasks) {
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
          times[subject].push(nanoseconds);
        }
      }
    }
    measured[task] = times;
  }
  return measured;
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

function summarise(measured) {
  const version = (name) => JSON.parse(readFileSync(join(root, name, "package.json"), "utf8")).version;
  return {
    when: new Date().toISOString().slice(0, 10),
    node: process.version,
    cpu: cpus()[0]?.model ?? "unknown",
    versions: {
      accord: version("runtime"),
      "@bufbuild/protobuf": version("node_modules/@bufbuild/protobuf"),
      "ts-proto": version("test/bench/node_modules/ts-proto"),
    },
    rounds,
    tasks: Object.entries(measured).map(([task, times]) => ({
      task,
      nanoseconds: Object.fromEntries(
        Object.entries(times).flatMap(([name, values]) =>
          values.length === 0 ? [] : [[name, Math.round(median(values))]],
        ),
      ),
      // How many times as fast as the other one, in the same round.
      ratios: {
        "accord : protobuf-es": ratio(times["protobuf-es"], times.accord),
        "accord : ts-proto": ratio(times["ts-proto"], times.accord),
        "accord-transient : accord": ratio(times.accord, times["accord-transient"]),
      },
    })),
  };
}

function ratio(slower, faster) {
  if (faster.length === 0) {
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

function printTable({ tasks }) {
  const columns = Object.keys(tasks[0].ratios);
  process.stdout.write("Times as fast: median (lowest–highest) of all rounds; of the fastest rounds\n");
  process.stdout.write(`${"".padEnd(26)}${columns.map((name) => name.padStart(30)).join("")}\n`);
  for (const { task, ratios } of tasks) {
    const cells = columns.map((name) => cell(ratios[name]).padStart(30));
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
