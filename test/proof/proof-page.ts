import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { FailedCases, SavedResult } from "./results.js";
import type { Suite } from "./suite.js";

/** A part of a page that is made of saved results. */
export interface PagePart {
  /** Relative to the repository. */
  readonly page: string;
  /** It stands between `<!-- proof: name -->` and `<!-- /proof -->`. */
  readonly name: string;
  readonly text: string;
}

/** What the pages say of the suites' last runs. */
export function pageParts(root: string, suites: readonly Suite[]): readonly PagePart[] {
  const results = suites.map((suite) => savedResult(root, suite));
  return [
    { page: "README.md", name: "summary", text: summaryTable(results) },
    { page: "docs/proof.md", name: "table", text: fullTable(results) },
    { page: "docs/proof.md", name: "failures", text: results.map(failureSection).filter(Boolean).join("\n\n") },
  ];
}

/** Writes a part into its page. @throws {Error} if the page hasn't its marks */
export function writePart(root: string, { page, name, text }: PagePart): void {
  const path = join(root, page);
  const before = readFileSync(path, "utf8");
  const marked = markedPart(name);
  if (!marked.test(before)) {
    throw new Error(`${page} has no <!-- proof: ${name} --> … <!-- /proof -->`);
  }
  writeFileSync(
    path,
    before.replace(marked, () => `${text}\n`),
  );
}

/** What stands between a part's marks. */
export function readPart(root: string, { page, name }: PagePart): string | undefined {
  return markedPart(name)
    .exec(readFileSync(join(root, page), "utf8"))?.[0]
    .trimEnd();
}

function markedPart(name: string): RegExp {
  return new RegExp(`(?<=<!-- proof: ${name} -->\n).*?(?=<!-- /proof -->)`, "s");
}

function savedResult(root: string, { name, title, source }: Suite): SavedResult {
  const path = join(root, "test/proof/results", `${name}.json`);
  return existsSync(path)
    ? (JSON.parse(readFileSync(path, "utf8")) as SavedResult)
    : { suite: name, title, source, date: "", node: "", notRun: "it hasn't been run yet" };
}

function summaryTable(results: readonly SavedResult[]): string {
  return table(
    ["suite", "cases", "passed", "failed"],
    results.map((result) => [
      result.title,
      ...(result.notRun === undefined
        ? [`${result.cases ?? 0}`, `${result.passed ?? 0}`, `${countOf(result.failed)}`]
        : ["not run", "", ""]),
    ]),
  );
}

function fullTable(results: readonly SavedResult[]): string {
  return table(
    ["suite", "version", "cases", "passed", "failed", "left out", "date"],
    results.map((result) => [
      `[${result.title}](${result.source})`,
      ...(result.notRun === undefined
        ? [
            result.version ?? "",
            `${result.cases ?? 0}`,
            `${result.passed ?? 0}`,
            `${countOf(result.failed)}`,
            `${countOf(result.skipped)}`,
            `${result.date}, Node ${result.node}`,
          ]
        : [`not run: ${result.notRun}`, "", "", "", "", result.date]),
    ]),
  );
}

/** Why cases of a suite failed or were left out; empty if none did. */
function failureSection({ title, failed = [], skipped = [] }: SavedResult): string {
  const lines = [
    ...failed.map((cases) => reasonLine("failed", cases)),
    ...skipped.map((cases) => reasonLine("left out", cases)),
  ];
  return lines.length === 0 ? "" : `### ${title}\n\n${lines.join("\n")}`;
}

function reasonLine(what: string, { reason, names, count }: FailedCases): string {
  return `- ${count} ${what}: ${oneLine(reason)} (${names.map((name) => `\`${name}\``).join(", ")})`;
}

// What a stranger's program printed may have anything in it.
function oneLine(text: string): string {
  return text.replace(/\s+/g, " ").replace(/[<>|]/g, (character) => `\\${character}`);
}

function countOf(cases: readonly FailedCases[] = []): number {
  return cases.reduce((sum, { count }) => sum + count, 0);
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const align = head.map((title) => (["cases", "passed", "failed", "left out"].includes(title) ? "--:" : "---"));
  return [head, align, ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}
