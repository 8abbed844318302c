import { mappingsUnder, parseMapping, textUnder } from "./yaml-text.js";

/** The folders of the modules that a buf.yaml names; `.` where it names none. */
export function moduleFolders(text: string): string[] {
  const mapping = parseMapping(text);
  const modules = mapping === undefined ? [] : mappingsUnder(mapping, "modules");
  const paths = modules.map((module) => textUnder(module, "path") ?? ".").filter((path) => !isInstalled(path));
  return modules.length === 0 ? ["."] : paths;
}

/** The folders that a buf.work.yaml names. */
export function workFolders(text: string): string[] {
  const mapping = parseMapping(text);
  return (mapping === undefined ? "" : (textUnder(mapping, "directories") ?? ""))
    .split(" ")
    .filter((path) => path !== "");
}

/** A module of a dependency isn't in git, so that nothing can be compared with another version. */
export function isInstalled(path: string): boolean {
  return path.split("/").includes("node_modules");
}
