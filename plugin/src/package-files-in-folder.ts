import { existsSync, readdirSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { fileNameProblem } from "./read/file-names.js";
import { tokensOf } from "./read/source/proto-tokens.js";
import { foldersBelow, readText } from "./sources-in-folder.js";

/**
 * What a run may look through to warn of something. In larger repositories, it is what lies beside the run's files and in the folder
 * that has the package's name, and then what is nearest to the top.
 */
const MOST_FOLDERS = 200;
const MOST_FILES = 300;

/**
 * Finds the proto files of a package that lie in or below a folder and add to what is generated of a package: those with
 * services or contracts.
 *
 * @param known the files that need no finding, as the compiler names them
 */
export function packageFilesIn(
  folder: string,
  known: (path: string) => boolean,
): (pkg: string, files: readonly string[]) => string[] {
  // A request may have hundreds of packages: what lies where is looked up once.
  const below = memoized((root) => foldersBelow(root, MOST_FOLDERS));
  const protos = memoized(protoFilesIn);
  return (pkg, files) => {
    // A compiler's paths lead nowhere else; a request that somebody has made up might.
    if (files.some((path) => fileNameProblem(path) !== undefined) || !/^[\w.]*$/.test(pkg)) {
      return [];
    }
    // A compiler doesn't say where it has read the files. Copies of them, as builds make, may lie beside old ones: what
    // isn't everywhere isn't counted.
    const roots = below(folder).filter((root) => files.every((path) => existsSync(join(root, path))));
    const [first, ...others] = roots.map((root) => {
      const near = files.map(folderOf).map((path) => join(root, path));
      // What has no package has nothing in common with what lies elsewhere.
      const wide = pkg === "" ? [] : [join(root, ...pkg.split(".")), ...below(root)];
      const there = [...new Set([...near, ...wide])].flatMap(protos).slice(0, MOST_FILES);
      const adding = there
        .map((path) => relative(root, path).split(sep).join("/"))
        .filter((path) => !known(path) && addsTo(pkg, join(root, path)) && !isCopy(path, files, root));
      return new Set(adding);
    });
    return [...(first ?? [])].filter((path) => others.every((found) => found.has(path))).sort();
  };
}

function memoized<T extends object>(make: (path: string) => T): (path: string) => T {
  const known = new Map<string, T>();
  return (path) => {
    const value = known.get(path) ?? make(path);
    known.set(path, value);
    return value;
  };
}

function isCopy(path: string, files: readonly string[], root: string): boolean {
  const text = readText(join(root, path));
  return files.some((file) => readText(join(root, file)) === text);
}

function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}

/** The proto files in a folder, not below it; none if it isn't there. */
function protoFilesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith(".proto"))
      .sort()
      .map((name) => join(folder, name));
  } catch {
    return [];
  }
}

/** Whether a text may say that it belongs to a package, and have a service or a contract. */
function mayAddTo(pkg: string, text: Buffer): boolean {
  return (text.includes("service") || text.includes("accord")) && pkg.split(".").every((part) => text.includes(part));
}

/** Whether a file says that it belongs to a package, and has a service or a contract. */
function addsTo(pkg: string, path: string): boolean {
  const text = readText(path, (bytes) => mayAddTo(pkg, bytes)) ?? "";
  const words = tokensOf(text).map(({ kind, text: word }) => (kind === "string" ? `"${word}"` : word));
  return packageOf(words) === pkg && hasServiceOrContract(words);
}

/** `package acme . v1;` */
function packageOf(words: readonly string[]): string {
  for (const [index, word] of words.entries()) {
    if (word === "package" && isStatement(words, index)) {
      return words.slice(index + 1, words.indexOf(";", index)).join("");
    }
  }
  return "";
}

function hasServiceOrContract(words: readonly string[]): boolean {
  return words.some(
    (word, index) =>
      (word === "service" && isStatement(words, index)) ||
      (word === "(" && words.slice(index + 1, index + 4).join("") === "accord.v1"),
  );
}

function isStatement(words: readonly string[], index: number): boolean {
  return index === 0 || [";", "}"].includes(words[index - 1] ?? "");
}
