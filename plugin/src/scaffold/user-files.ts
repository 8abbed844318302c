import { randomBytes } from "node:crypto";
import {
  closeSync,
  fchmodSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import { readRegularFile } from "../bounded-input.js";
import { messageOf } from "../thrown-message.js";

/** A file or folder of the user's that can't be read or written as it should be. */
export class UserFileError extends Error {
  override readonly name = "UserFileError";
  readonly path: string;
  /** What is wrong, and what to do: a sentence that goes behind the path. */
  readonly reason: string;

  constructor(path: string, reason: string, options?: ErrorOptions) {
    super(`${path} ${reason}`, options);
    this.path = path;
    this.reason = reason;
  }
}

/** The text of a file, and how it is encoded. */
export interface UserFile {
  readonly path: string;
  readonly text: string;
  readonly byteOrderMark: boolean;
  /** Why `text` can't be written back byte for byte. Such a file may be looked at, and must not be changed. */
  readonly damage: string | undefined;
}

/**
 * Lists the TypeScript files below a folder in which a class may be: no declarations, no tests, nothing in
 * `node_modules` or in folders whose names begin with a dot. Sorted. A folder that doesn't exist has none.
 *
 * @param skip a folder to leave out, with all that is in it: that of generated code
 * @throws UserFileError if a folder can't be read
 */
export function listSources(folder: string, skip: string | undefined): string[] {
  return listFiles(folder, skip, isSource);
}

/** Lists the files below a folder in which tests may be, as {@link listSources} does the others: `*.test.ts`, `*.spec.ts` and the like. */
export function listTests(folder: string, skip: string | undefined): string[] {
  return listFiles(folder, skip, (name) => /\.(?:test|spec)\.[cm]?tsx?$/.test(name));
}

function listFiles(folder: string, skip: string | undefined, isWanted: (name: string) => boolean): string[] {
  const found: string[] = [];
  const root = resolve(folder);
  const walk = (directory: string) => {
    for (const entry of readDirectory(directory)) {
      const path = join(directory, entry.name);
      if (entry.isDirectory() && !entry.name.startsWith(".") && entry.name !== "node_modules" && path !== skip) {
        walk(path);
      } else if (isWanted(entry.name) && (entry.isFile() || (entry.isSymbolicLink() && leadsOut(path, root)))) {
        found.push(path);
      }
    }
  };
  walk(root);
  return found.sort();
}

/**
 * Reads a file.
 *
 * @throws UserFileError if it can't be read
 */
export function readUserFile(path: string): UserFile {
  let bytes: Buffer;
  try {
    bytes = readRegularFile(path);
  } catch (error) {
    throw new UserFileError(path, `can't be read: ${reasonOf(error)}.`, { cause: error });
  }
  const text = bytes.toString("utf8");
  const byteOrderMark = text.startsWith("\uFEFF");
  const damage = Buffer.from(text, "utf8").equals(bytes)
    ? undefined
    : "isn't valid UTF-8, so it can't be changed without harm. Save it as UTF-8, then run the command again.";
  return { path, text: byteOrderMark ? text.slice(1) : text, byteOrderMark, damage };
}

/**
 * Checks that a file can be written, before anything is. A file that isn't there yet can be, if its folder can be made.
 *
 * @throws UserFileError for a symbolic link, a folder, a read-only file
 */
export function checkWritable(path: string): void {
  let stat: Stats | undefined;
  try {
    stat = lstatSync(path, { throwIfNoEntry: false });
  } catch (error) {
    throw new UserFileError(path, `can't be written: ${reasonOf(error)}.`, { cause: error });
  }
  if (stat === undefined) {
    return;
  }
  if (stat.isSymbolicLink()) {
    throw new UserFileError(
      path,
      `is a symbolic link, and writing would replace the link or change a file elsewhere. Run the command on the folder that the file is really in.`,
    );
  }
  if (!stat.isFile()) {
    throw new UserFileError(path, `isn't a file, but a file is to be written there. Move it out of the way.`);
  }
  if ((stat.mode & 0o222) === 0) {
    throw new UserFileError(path, `is read-only. Make it writable, then run the command again.`);
  }
}

/**
 * Writes a file whole or not at all: into a temporary file beside it that then takes its place. Permissions are kept, and
 * missing folders are made.
 *
 * @throws UserFileError see {@link checkWritable}, or if the file system refuses
 */
export function writeUserFile({ path, text, byteOrderMark }: UserFile): void {
  checkWritable(path);
  const temporary = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString("hex")}.tmp`);
  try {
    mkdirSync(dirname(path), { recursive: true });
    const mode = lstatSync(path, { throwIfNoEntry: false })?.mode;
    const file = openSync(temporary, "wx");
    try {
      if (mode !== undefined) {
        fchmodSync(file, mode & 0o7777);
      }
      writeFileSync(file, Buffer.from((byteOrderMark ? "\uFEFF" : "") + text, "utf8"));
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw new UserFileError(path, `can't be written: ${reasonOf(error)}.`, { cause: error });
  }
}

/** A path as a person in `directory` would type it, with `/`. */
export function displayPath(directory: string, path: string): string {
  const shown = relative(directory, path);
  return (shown.startsWith("..") && shown.split(sep).length > 4 ? path : shown || ".").replaceAll(sep, "/");
}

function readDirectory(directory: string) {
  try {
    return readdirSync(directory, { withFileTypes: true });
  } catch (error) {
    if (codeOf(error) === "ENOENT") {
      return [];
    }
    throw new UserFileError(directory, `can't be read: ${reasonOf(error)}`, { cause: error });
  }
}

/** Whether a link leads to a file that isn't below `root`: one that is will be listed by its own name. */
function leadsOut(link: string, root: string): boolean {
  const stat = statSync(link, { throwIfNoEntry: false });
  return stat?.isFile() === true && relative(realpathSync(root), realpathSync(link)).startsWith("..");
}

function isSource(name: string): boolean {
  return /\.(?:ts|mts|cts|tsx)$/.test(name) && !/\.(?:d|test|spec)\.\w+$/.test(name);
}

const REASONS: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EPERM: "permission denied",
  EROFS: "the file system is read-only",
  ENOSPC: "no space is left",
  ENOTDIR: "a part of its path isn't a folder",
  EEXIST: "a part of its path isn't a folder",
  EISDIR: "it is a folder",
  ENOENT: "it doesn't exist",
  ELOOP: "its symbolic links lead in a circle",
};

function reasonOf(error: unknown): string {
  const message = messageOf(error);
  return REASONS[codeOf(error) ?? ""] ?? message;
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}
