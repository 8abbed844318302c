import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { readRegularFile } from "./bounded-input.js";
import { fileNameProblem } from "./read/file-names.js";
import type { ProtoSources } from "./read/source/proto-sources.js";

/** Enough for large repositories; in the largest, a few positions are less exact. */
const MOST_FOLDERS = 5_000;
const MOST_BYTES = 4 << 20;

/**
 * Looks for proto files in a folder and below it, since a compiler doesn't say from which of its import paths a file came:
 * the folders nearest to the top first. Nothing is read before a text is asked for.
 */
export function sourcesIn(...folders: readonly string[]): ProtoSources {
  let known: readonly string[] | undefined;
  return function* (path) {
    // A compiler's paths lead nowhere else; a request that somebody has made up might.
    if (fileNameProblem(path) !== undefined) {
      return;
    }
    known ??= folders.flatMap((folder) => foldersBelow(folder, MOST_FOLDERS));
    for (const folder of known) {
      const text = readText(join(folder, path));
      if (text !== undefined) {
        yield text;
      }
    }
  };
}

/** A folder and those below it, level by level, up to so many. Dependencies and hidden folders are left out. */
export function foldersBelow(top: string, most: number): string[] {
  const folders = [top];
  for (const folder of folders) {
    for (const name of subfolders(folder)) {
      if (folders.length >= most) {
        return folders;
      }
      folders.push(join(folder, name));
    }
  }
  return folders;
}

function subfolders(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && entry.name !== "node_modules" && !entry.name.startsWith("."))
      .map((entry) => entry.name)
      .sort();
  } catch {
    // A folder that may not be read holds no text for us.
    return [];
  }
}

/**
 * The text of a file.
 *
 * @param wanted which bytes are worth being read as a text
 * @returns undefined if it isn't wanted, is none, too large, or may not be read
 */
export function readText(path: string, wanted: (bytes: Buffer) => boolean = () => true): string | undefined {
  try {
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat === undefined || stat.size > MOST_BYTES) {
      return undefined;
    }
    const bytes = readRegularFile(path);
    return wanted(bytes) ? bytes.toString("utf8") : undefined;
  } catch {
    return undefined;
  }
}
