import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  type CallResults,
  type CodecResults,
  type CodegenResults,
  callTable,
  codecTable,
  codegenTable,
  savedResults,
  shortCallTable,
} from "./figures.js";

const ROOT = join(import.meta.dirname, "../..");
const calls = savedResults<CallResults>("rpc");
const codecs = savedResults<CodecResults>("codec");
const generation = savedResults<CodegenResults>("codegen");

// A page says what the benchmarks saved. `npm run generate`, or `UPDATE=1 npx vitest run test/docs`, writes it in.
describe("figures", () => {
  it.each([
    ["docs/performance.md", "calls", `${circumstances(calls)}\n\n${callTable(calls)}`],
    ["docs/performance.md", "codecs", `${circumstances(codecs)}\n\n${codecTable(codecs)}`],
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

function circumstances({
  versions,
  node,
  rounds,
  ...rest
}: {
  readonly versions: Readonly<Record<string, string>>;
  readonly node: string;
  readonly rounds?: number;
  readonly date?: string;
  readonly when?: string;
}): string {
  const of = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  const often = rounds === undefined ? "" : `; medians of ${rounds} rounds, with the least and the most`;
  return `${rest.date ?? rest.when}, Node ${node.replace(/^v/, "")}, ${of.join(", ")}${often}.`;
}
