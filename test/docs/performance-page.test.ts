import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  type CallResults,
  type CodecResults,
  type CodegenResults,
  callTable,
  clientTable,
  codecTable,
  codegenTable,
  type HeldResults,
  heldTable,
  measuredOn,
  nodesAndRounds,
  savedResults,
  serverTable,
  shortCallTable,
} from "./figures.js";

const ROOT = join(import.meta.dirname, "../..");
const calls = savedResults<CallResults>("rpc");
const held = savedResults<HeldResults>("held");
const codecs = savedResults<CodecResults>("codec");
const generation = savedResults<CodegenResults>("codegen");

// A page says what the benchmarks saved. `npm run generate`, or `UPDATE=1 npx vitest run test/docs`, writes it in.
describe("figures", () => {
  it.each([
    ["docs/performance.md", "calls", callFigures("pairs", callTable, calls.versions)],
    ["docs/performance.md", "servers", callFigures("servers", serverTable)],
    ["docs/performance.md", "clients", callFigures("clients", clientTable)],
    [
      "docs/performance.md",
      "held",
      `${circumstances({ ...held, node: nodesAndRounds(held.nodes).node, rounds: `${held.rounds}` })}\n\n${heldTable(held)}`,
    ],
    [
      "docs/performance.md",
      "codecs",
      `${circumstances({ ...codecs, ...nodesAndRounds(codecs.nodes) })}\n\n${codecTable(codecs)}`,
    ],
    ["docs/performance.md", "generation", `${circumstances(generation)}\n\n${codegenTable(generation)}`],
    ["README.md", "calls", shortCallTable(calls, ["small-64", "large-64", "stream", "error"])],
  ])("%s has those of the last run: %s", (page, name, figures) => {
    const path = join(ROOT, page);
    const marked = new RegExp(`(?<=<!-- figures: ${name} -->\n).*?(?=\n<!-- /figures -->)`, "s");
    const before = readFileSync(path, "utf8");
    expect(before).toMatch(marked);
    if (process.env.UPDATE !== undefined) {
      writeFileSync(
        path,
        before.replace(marked, () => figures),
      );
    }
    expect(marked.exec(readFileSync(path, "utf8"))?.[0]).toBe(figures);
  });
});

function callFigures(views: string, table: (results: CallResults) => string, versions = {}): string {
  // A run may look in some ways only.
  return calls.scenarios.some(({ view }) => view.startsWith(views))
    ? `${circumstances({ ...measuredOn(calls, views), versions })}\n\n${table(calls)}`
    : "The last run didn't measure this.";
}

/** On what, and how often, it was measured. */
function circumstances({
  versions = {},
  node,
  rounds,
  cpu,
  loadAverage,
  ...rest
}: {
  readonly versions?: Readonly<Record<string, string>>;
  readonly node: string;
  readonly rounds?: string;
  readonly cpu?: string;
  readonly loadAverage?: { readonly min: number; readonly max: number };
  readonly date?: string;
  readonly when?: string;
}): string {
  const of = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  const often = rounds === undefined ? "" : `; medians of ${rounds === "1" ? "1 round" : `${rounds} rounds`}`;
  const load = loadAverage && `, load average ${loadAverage.min.toFixed(1)} to ${loadAverage.max.toFixed(1)}`;
  const machine = cpu === undefined ? "" : ` On ${cpu}${load ?? ""}.`;
  return `${[rest.date ?? rest.when, `Node ${node.replace(/^v/, "")}`, ...of].join(", ")}${often}.${machine}`;
}
