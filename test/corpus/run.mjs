// `npm run corpus`: generates, compiles and calls what others have written.
//
//   npm run corpus                     all of google-proto-files, and the hand-written cases of test/corpus/cases, each with its row
//   npm run corpus -- protos/          the protos of a folder
//   npm run corpus -- https://….git    those of a git repository; `#branch` or `#tag` behind it
//
// The folders that imports start from are found by what the files import; `--root=protos` says it, where that is ambiguous.
// Exit code 1: something is wrong.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "../..");
const args = process.argv.slice(2);
const sources = args.filter((arg) => !arg.startsWith("--root="));
const roots = args.filter((arg) => arg.startsWith("--root=")).map((arg) => arg.slice("--root=".length));
const cases = join(here, "cases");

const others =
  sources.length > 0
    ? sources.map((source) => ({ name: source, source: isUrl(source) ? source : resolve(source), roots }))
    : readdirSync(cases).map((name) => ({ name, source: join(cases, name), roots: [] }));
let failed = sources.length === 0 && vitest("vitest.config.ts", {}) !== 0;

const folder = mkdtempSync(join(tmpdir(), "accord-corpus-"));
try {
  const output = join(folder, "rows.json");
  const status = vitest("any/vitest.config.ts", { ACCORD_CORPUS: JSON.stringify({ sources: others, output }) });
  const rows = status === 0 ? JSON.parse(readFileSync(output, "utf8")) : [];
  process.stdout.write(`\n${table(rows)}\n`);
  for (const { name, problems } of rows) {
    for (const problem of problems) {
      process.stdout.write(`${name}: ${problem}\n`);
    }
  }
  failed ||= status !== 0 || rows.some(({ problems }) => problems.length > 0);
} finally {
  rmSync(folder, { recursive: true });
}
process.exitCode = failed ? 1 : 0;

function vitest(config, env) {
  const program = join(root, "node_modules/vitest/vitest.mjs");
  const { status } = spawnSync(process.execPath, [program, "run", "--config", join(here, config)], {
    stdio: "inherit",
    env: { ...process.env, ...env },
  });
  return status;
}

function isUrl(source) {
  return /^(?:[a-z+]+:\/\/|[\w.-]+@[\w.-]+:)/.test(source);
}

/** The rows with aligned columns. */
function table(rows) {
  const columns = ["name", "protos", "services", "generates", "type-checks", "loads", "calls", "codecs", "partitions"];
  const cells = [columns, ...rows.map((row) => columns.map((column) => String(row[column])))];
  const widths = columns.map((_, index) => Math.max(...cells.map((row) => row[index].length)));
  return cells
    .map((row) =>
      row
        .map((cell, index) => cell.padEnd(widths[index]))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
