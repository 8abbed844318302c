import { isMap } from "yaml";
import { leftAlone, type PlannedChange } from "./planned-change.js";
import type { Project } from "./project.js";
import { lastEntry, lineStart, parseMapping, rangeOf } from "./yaml-text.js";

/** The scripts that a project gets, by what they do. */
const SCRIPTS = [
  { name: "generate", otherName: "generate:grpc", command: "buf generate" },
  { name: "contract", otherName: "contract:grpc", command: "buf lint && accord lint" },
];

/** The packages that the generated code needs, and those that generate it. */
const DEPENDENCIES = ["@accord-grpc/runtime", "@grpc/grpc-js", "@bufbuild/protobuf", "@opentelemetry/api"];
const DEV_DEPENDENCIES = ["@accord-grpc/protoc-gen-accord", "@bufbuild/buf", "@bufbuild/protoc-gen-es", "typescript"];

/** Adds scripts to the project's package.json, unless it has such ones. */
export function planPackageJson(project: Project): PlannedChange {
  const path = "package.json";
  const text = project.read(path);
  if (text === undefined) {
    const scripts = Object.fromEntries(SCRIPTS.map(({ name, command }) => [name, command]));
    const after = `${JSON.stringify({ private: true, type: "module", scripts }, undefined, 2)}\n`;
    return { path, before: undefined, after };
  }
  const manifest = parseMapping(text);
  if (manifest === undefined) {
    return leftAlone(path, text, "isn't understood: give it a script that runs `buf generate`.");
  }
  const present = manifest.get("scripts", true);
  const scripts = isMap(present) ? present : undefined;
  const has = (name: string): boolean => scripts?.has(name) === true;
  const commands = (scripts?.items ?? []).map(({ value }) => String(value));
  const missing = SCRIPTS.filter(({ command }) => !commands.some((present) => present.includes(command)))
    .map(({ name, otherName, command }) => ({ name: has(name) ? otherName : name, command }))
    .filter(({ name }) => !has(name));
  const after = missing.reduce((changed, { name, command }) => withScript(changed, name, command), text);
  return { path, before: text, after };
}

function withScript(text: string, name: string, command: string): string {
  const manifest = parseMapping(text);
  const scripts = manifest?.get("scripts", true);
  const entry = `${JSON.stringify(name)}: ${JSON.stringify(command)}`;
  const range = rangeOf(isMap(scripts) ? scripts : manifest);
  if (manifest === undefined || range === undefined) {
    return text;
  }
  if (!isMap(scripts)) {
    const first = rangeOf(manifest.items[0]?.key);
    const unit = (first && indentAt(text, first.start)) || "  ";
    return inserted(text, manifest, `"scripts": {\n${unit}${unit}${entry}\n${unit}}`);
  }
  return inserted(text, scripts, entry);
}

/** Inserts an entry behind the last of an object, laid out as those before it. */
function inserted(text: string, object: NonNullable<ReturnType<typeof parseMapping>>, entry: string): string {
  const range = rangeOf(object);
  const last = rangeOf(lastEntry(object)?.value);
  const first = rangeOf(object.items[0]?.key);
  if (range === undefined) {
    return text;
  }
  if (last === undefined || first === undefined) {
    const indent = indentAt(text, range.start) ?? "";
    const unit = indent === "" ? "  " : indent;
    return `${text.slice(0, range.start)}{\n${indent}${unit}${entry}\n${indent}}${text.slice(range.end)}`;
  }
  const onOwnLine = text.slice(lineStart(text, first.start), first.start).trim() === "";
  const separator = onOwnLine ? `,\n${indentAt(text, first.start) ?? ""}` : ", ";
  return text.slice(0, last.end) + separator + entry + text.slice(last.end);
}

function indentAt(text: string, at: number): string | undefined {
  return /^[ \t]*/.exec(text.slice(lineStart(text, at)))?.[0];
}

/** Packages that belong to the layout, and that a package.json doesn't name. */
export interface MissingPackages {
  readonly dependencies: readonly string[];
  readonly devDependencies: readonly string[];
}

/** The packages that the project's package.json doesn't name. */
export function missingPackages(project: Project): MissingPackages {
  const manifest = parseMapping(project.read("package.json") ?? "{}");
  const fields = ["dependencies", "devDependencies", "peerDependencies", "optionalDependencies"];
  const known = fields.map((field) => manifest?.get(field, true)).filter((packages) => isMap(packages));
  const isMissing = (name: string): boolean => !known.some((packages) => packages.has(name));
  return { dependencies: DEPENDENCIES.filter(isMissing), devDependencies: DEV_DEPENDENCIES.filter(isMissing) };
}
