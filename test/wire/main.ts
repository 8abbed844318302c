// Plays what wires do to calls, with peers of three kinds, and prints the table of it. `run.mjs` starts it.
import { readFileSync, writeFileSync } from "node:fs";
import { buildGo, type Kind } from "./peers.js";
import { type Cell, type Pair, ROWS, type Row } from "./rows.js";
import { failures, markdown, type Played } from "./table.js";

const TABLE = /(<!-- wire: table -->)[\s\S]*?(<!-- \/wire -->)/;

const args = process.argv.slice(2);
const quick = args.includes("--quick");
const only = option("rows");
const pairNames = option("pairs");
const page = quick || only !== undefined || pairNames !== undefined ? undefined : option("page");

function option(name: string): string | undefined {
  return args.find((arg) => arg.startsWith(`--${name}=`))?.slice(name.length + 3);
}

const hasGo = buildGo();
if (!hasGo) {
  process.stdout.write("Without Go, grpc-go's columns are left out.\n");
}
const all: readonly (Pair & { readonly isQuick: boolean })[] = [
  { client: "go", server: "go", isQuick: false },
  { client: "accord", server: "accord", isQuick: true },
  { client: "accord", server: "go", isQuick: true },
  { client: "go", server: "accord", isQuick: false },
  { client: "accord", server: "grpc-js", isQuick: true },
  { client: "grpc-js", server: "grpc-js", isQuick: true },
];
const pairs = all.filter(
  (pair) =>
    (pair.isQuick || !quick) &&
    (hasGo || !([pair.client, pair.server] as Kind[]).includes("go")) &&
    (pairNames === undefined || pairNames.split(",").includes(nameOf(pair))),
);
const rows = ROWS.filter(({ title, quick: isQuick }) =>
  only === undefined ? isQuick || !quick : title.includes(only),
);

function nameOf({ client, server }: Pair): string {
  return `${client}-${server}`;
}

async function play(row: Row, pair: Pair): Promise<[string, Cell]> {
  const cell = await row.play(pair, quick);
  process.stdout.write(
    `${row.title} | ${nameOf(pair)} | ${cell.text}${args.includes("--verbose") ? ` ${JSON.stringify(cell)}` : ""}\n`,
  );
  return [nameOf(pair), cell];
}

async function playAll(row: Row): Promise<[string, Cell][]> {
  if (!row.isAlone) {
    return Promise.all(pairs.map((pair) => play(row, pair)));
  }
  const cells: [string, Cell][] = [];
  for (const pair of pairs) {
    cells.push(await play(row, pair));
  }
  return cells;
}

const table: Played[] = [];
for (const row of rows) {
  table.push({ title: row.title, cells: new Map(await playAll(row)) });
}
const text = markdown(table, pairs.map(nameOf));
process.stdout.write(`\n${text}`);
if (page !== undefined) {
  const before = readFileSync(page, "utf8");
  writeFileSync(
    page,
    before.replace(TABLE, (_all, begin, end) => `${begin}\n${text}${end}`),
  );
}
const wrong = failures(table);
for (const line of wrong) {
  process.stdout.write(`WRONG ${line}\n`);
}
process.exit(wrong.length === 0 ? 0 : 1);
