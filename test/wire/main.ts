// Plays what wires and bad minutes do to calls, with peers of three kinds, and prints the table of it. `run.mjs` starts it.
import { readFileSync, writeFileSync } from "node:fs";
import { loadavg } from "node:os";
import { join } from "node:path";
import { comparisonChart } from "./chart.js";
import { kernelWire } from "./kernel-wire.js";
import { hasGo, type Kind } from "./peers.js";
import { keep, keptResults, merged, type Played, type PlayedCell, type Results } from "./results.js";
import type { Row } from "./row.js";
import { ROWS } from "./rows.js";
import type { Pair } from "./scene.js";
import { failures, markdown, TITLES } from "./table.js";

const TABLE = /(<!-- wire: table -->)[\s\S]*?(<!-- \/wire -->)/;
const QUICK: readonly string[] = ["accord-accord", "accord-go", "accord-grpc-js", "grpc-js-grpc-js"];

const args = process.argv.slice(2);
const isQuick = args.includes("--quick");
const only = options("rows");
const pairNames = options("pairs")[0]?.split(",");

function options(name: string): string[] {
  return args.filter((arg) => arg.startsWith(`--${name}=`)).map((arg) => arg.slice(name.length + 3));
}

const pairs = Object.keys(TITLES)
  .filter((name) => pairNames?.includes(name) ?? (!isQuick || QUICK.includes(name)))
  .map(pairOf)
  .filter(({ client, server }) => hasGo || (client !== "go" && server !== "go"));
const rows = ROWS.filter(
  ({ title, quick, needsKernelWire = false }) =>
    (only.length === 0 ? quick || !isQuick : only.some((text) => title.includes(text))) &&
    (kernelWire.isThere || !needsKernelWire),
);

/** `grpc-js` has the hyphen that stands between a client and a server. */
function pairOf(name: string): Pair {
  const kinds: readonly Kind[] = ["accord", "go", "grpc-js"];
  const client = kinds.find((kind) => name.startsWith(`${kind}-`));
  const server = kinds.find((kind) => name === `${client}-${kind}`);
  if (client === undefined || server === undefined) {
    throw new Error(`"${name}" isn't a client and a server`);
  }
  return { client, server };
}

async function play(row: Row, pair: Pair): Promise<[string, PlayedCell]> {
  const date = new Date().toISOString().slice(0, 10);
  const [load = 0] = loadavg();
  const cell = { ...(await row.play(pair, isQuick)), date, load, onKernelWire: kernelWire.isThere };
  const name = `${pair.client}-${pair.server}`;
  process.stdout.write(
    `${row.title} | ${name} | ${cell.text}${args.includes("--verbose") ? ` ${JSON.stringify(cell)}` : ""}\n`,
  );
  return [name, cell];
}

async function playAll(row: Row): Promise<Played> {
  const cells: [string, PlayedCell][] = [];
  if (row.isAlone) {
    for (const pair of pairs) {
      cells.push(await play(row, pair));
    }
  } else {
    cells.push(...(await Promise.all(pairs.map((pair) => play(row, pair)))));
  }
  return { title: row.title, measure: row.measure, cells: Object.fromEntries(cells) };
}

function publish(folder: string, results: Results): void {
  const all = merged(keptResults(join(folder, "wire.json")), results, ROWS);
  keep(join(folder, "wire.json"), all);
  writeFileSync(join(folder, "wire.svg"), comparisonChart(all));
  for (const page of options("page")) {
    const before = readFileSync(page, "utf8");
    writeFileSync(
      page,
      before.replace(TABLE, (_all, begin, end) => `${begin}\n${markdown(all)}${end}`),
    );
  }
}

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  // Only an exit ends the peers: those that are frozen don't notice that nobody needs them.
  process.once(signal, () => process.exit(1));
}
if (!hasGo) {
  process.stdout.write("Without Go, grpc-go's columns are left out.\n");
}
if (kernelWire.isThere) {
  kernelWire.open();
} else {
  process.stdout.write("Without a network namespace, wires are cut in user space, and none drops packets.\n");
}
const versions: Results["versions"] = JSON.parse(process.env.WIRE_VERSIONS ?? "{}");
const [folder] = options("out");
const played: Played[] = [];
for (const row of rows) {
  const now = await playAll(row);
  played.push(now);
  if (folder !== undefined && !isQuick) {
    publish(folder, { versions, rows: [now] });
  }
}
process.stdout.write(`\n${markdown({ versions, rows: played })}`);
const wrong = failures(played);
for (const line of wrong) {
  process.stdout.write(`WRONG ${line}\n`);
}
process.exit(wrong.length === 0 ? 0 : 1);
