import { existsSync, readdirSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { tokensOf } from "./read/source/proto-tokens.js";
import { foldersBelow, readText } from "./sources-in-folder.js";

/** What a run may look through to warn of something; in larger repositories, the folders nearest to the top. */
const MOST_FOLDERS = 500;
const MOST_FILES = 1_000;

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
  const lists = new Map<string, readonly string[]>();
  const filesBelow = (root: string): readonly string[] => {
    const list = lists.get(root) ?? protoFilesBelow(root);
    lists.set(root, list);
    return list;
  };
  let folders: readonly string[] | undefined;
  return (pkg, files) => {
    folders ??= foldersBelow(folder, MOST_FOLDERS);
    // A compiler doesn't say where it has read the files. Copies of them, as builds make, may lie beside old ones: what
    // isn't everywhere isn't counted.
    const roots = folders.filter((root) => files.every((path) => existsSync(join(root, path))));
    const [first, ...others] = roots.map((root) => {
      const texts = new Set(files.map((path) => readText(join(root, path))));
      const adding = filesBelow(root).filter((path) => {
        const text = known(path) || !isNear(path, pkg, files) ? undefined : readText(join(root, path));
        return text !== undefined && !texts.has(text) && addsTo(pkg, text);
      });
      return new Set(adding);
    });
    return [...(first ?? [])].filter((path) => others.every((found) => found.has(path))).sort();
  };
}

/** What has no package has nothing in common with what lies elsewhere. */
function isNear(path: string, pkg: string, files: readonly string[]): boolean {
  const folderOf = (name: string) => name.slice(0, name.lastIndexOf("/") + 1);
  return pkg !== "" || files.some((file) => folderOf(file) === folderOf(path));
}

function protoFilesBelow(root: string): string[] {
  const found: string[] = [];
  for (const folder of foldersBelow(root, MOST_FOLDERS)) {
    for (const name of protoFiles(folder)) {
      if (found.length === MOST_FILES) {
        return found;
      }
      found.push(relative(root, join(folder, name)).split(sep).join("/"));
    }
  }
  return found;
}

function protoFiles(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith(".proto"))
      .sort();
  } catch {
    return [];
  }
}

/** Whether a text says that it belongs to a package, and has a service or a contract. */
function addsTo(pkg: string, text: string): boolean {
  if (!/\bservice\b|\baccord\s*\.\s*v1\b/.test(text) || !text.includes(pkg.split(".")[0] ?? "")) {
    return false;
  }
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
