import type { YAMLMap } from "yaml";
import { leftAlone, type PlannedChange } from "./planned-change.js";
import type { Project } from "./project.js";
import { isFlow, lineEnd, lineStart, listUnder, mappingsUnder, parseMapping, rangeOf, textUnder } from "./yaml-text.js";

const STRATEGY = "strategy: all # one run sees all files of a package, wherever they lie";
const OUT = "src/gen";
const OPT = "[target=ts, import_extension=js]";

const ACCORD = (out: string, opt: string): string[] => [
  "local: protoc-gen-accord",
  `out: ${out}`,
  `opt: ${opt}`,
  STRATEGY,
];
// The code of the contract language comes with the runtime, so that no project carries a copy.
const ES_OPT = OPT.replace("]", ", rewrite_imports=./accord/v1/options_pb.js:@accord-grpc/runtime]");
const ES = ["local: protoc-gen-es", `out: ${OUT}`, `opt: ${ES_OPT}`];
const INPUTS = (language: string): string =>
  `inputs:\n  - directory: .\n    exclude_paths: [${language}] # its code comes with the runtime\n`;

/** Sees to it that `buf generate` runs protoc-gen-es and protoc-gen-accord, and the latter once for all folders. */
export function planBufGenYaml(project: Project): PlannedChange {
  const path = "buf.gen.yaml";
  const text = project.read(path);
  if (text === undefined) {
    const entries = [ES, ACCORD(OUT, OPT)].map((lines) => listItem("  ", lines));
    const language = project.protoFolder === "." ? "accord" : `${project.protoFolder}/accord`;
    return { path, before: undefined, after: `version: v2\n${INPUTS(language)}plugins:\n${entries.join("")}` };
  }
  const mapping = parseMapping(text);
  const list = mapping && listUnder(mapping, "plugins");
  if (mapping === undefined || list === undefined || isFlow(list)) {
    return leftAlone(path, text, `can't be added to: give protoc-gen-accord an entry in it, with \`${STRATEGY}\`.`);
  }
  const entries = mappingsUnder(mapping, "plugins");
  const accord = entries.filter((entry) => isPlugin(entry, "accord"));
  if (accord.length === 0) {
    return { path, before: text, after: withEntries(text, entries, textUnder(mapping, "version") ?? "") };
  }
  // From the last to the first, so that places before stay where they are.
  const after = accord.reduceRight(
    (changed, entry) => (entry.has("strategy") ? changed : withStrategy(changed, entry)),
    text,
  );
  return { path, before: text, after };
}

/** `local: protoc-gen-accord`, `local: [npx, protoc-gen-accord]`, a remote one's name, or `plugin: accord` of version v1. */
function isPlugin(entry: YAMLMap, name: string): boolean {
  const named = ["local", "plugin", "name", "protoc_builtin", "remote"].map((key) => textUnder(entry, key) ?? "");
  return named.some((text) =>
    text.split(/[\s/]/).some((part) => part.split(":")[0] === name || part === `protoc-gen-${name}`),
  );
}

function withStrategy(text: string, entry: YAMLMap): string {
  const range = rangeOf(entry);
  if (range === undefined || isFlow(entry)) {
    return text;
  }
  const end = lineEnd(text, range.start + text.slice(range.start, range.end).trimEnd().length);
  const indent = " ".repeat(range.start - lineStart(text, range.start));
  return `${text.slice(0, end)}\n${indent}${STRATEGY}${text.slice(end)}`;
}

function withEntries(text: string, entries: readonly YAMLMap[], version: string): string {
  const es = entries.find((entry) => isPlugin(entry, "es"));
  const last = entries.at(-1);
  const range = rangeOf(last);
  const optRange = rangeOf(es?.get("opt", true));
  const inFlow = optRange !== undefined && text[optRange.start] === "[";
  const opt = optRange === undefined ? OPT : inFlow ? text.slice(optRange.start, optRange.end) : optionsOf(es);
  const accord = ACCORD((es && textUnder(es, "out")) ?? OUT, opt);
  const added = (es === undefined ? [ES, accord] : [accord]).map((lines) =>
    version === "v1" ? lines.map((line) => line.replace(/^local: protoc-gen-/, "plugin: ")) : lines,
  );
  if (range === undefined) {
    return `${text.trimEnd()}\n${added.map((lines) => listItem("  ", lines)).join("")}`;
  }
  const dash = text.lastIndexOf("-", range.start);
  const indent = " ".repeat(dash - lineStart(text, dash));
  const end = lineEnd(text, range.start + text.slice(range.start, range.end).trimEnd().length);
  const rest = text.slice(end + 1);
  return `${text.slice(0, end)}\n${added.map((lines) => listItem(indent, lines)).join("")}${rest}`;
}

function optionsOf(entry: YAMLMap | undefined): string {
  const options = (entry && textUnder(entry, "opt")) ?? "";
  return `[${options
    .split(/[\s,]+/)
    .filter((option) => option !== "")
    .join(", ")}]`;
}

function listItem(indent: string, lines: readonly string[]): string {
  return lines.map((line, index) => `${indent}${index === 0 ? "- " : "  "}${line}\n`).join("");
}
