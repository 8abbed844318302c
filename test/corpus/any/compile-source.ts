import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { fromBinary } from "@bufbuild/protobuf";
import { type FileDescriptorProto, FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { program } from "../../../scripts/programs.mjs";
import { GOOGLE_PROTOS } from "../google-protos.js";

const root = fileURLToPath(new URL("../../..", import.meta.url));

/** Where protos come from. */
export interface Source {
  /** A folder, or the URL of a git repository with `#branch` behind it. */
  readonly source: string;
  /** The folders that imports start from; none: they are found. */
  readonly roots: readonly string[];
}

/** Protos as they are compiled. */
export interface CompiledSource {
  /** Each after what it imports. */
  readonly files: readonly FileDescriptorProto[];
  /** The names of those that are the source's own, rather than imported from elsewhere. */
  readonly own: readonly string[];
  /** What buf said of files that don't compile: they are left out. */
  readonly broken: readonly string[];
}

/** Compiles the protos of a folder or a repository. Google's and Accord's are there for whoever imports them. */
export function compileSource({ source, roots }: Source): CompiledSource {
  const work = mkdtempSync(join(tmpdir(), "accord-protos-"));
  try {
    const folder = existsSync(source) ? source : clone(source, join(work, "clone"));
    const module = join(work, "module");
    const own = copyOwn(folder, roots, module);
    copyImported(module, own);
    return compile(module, own);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function clone(source: string, folder: string): string {
  const [url = "", branch] = source.split("#");
  const options = branch === undefined ? [] : ["--branch", branch];
  const clone = ["-c", "advice.detachedHead=false", "clone", "--quiet", "--depth", "1", ...options, "--", url, folder];
  const { status, stderr } = spawnSync("git", clone, { encoding: "utf8" });
  if (status !== 0) {
    throw new Error(`${source} can't be cloned: ${stderr.trim()}`);
  }
  return folder;
}

/** Copies protos to where imports find them. @returns their names */
function copyOwn(folder: string, roots: readonly string[], module: string): Set<string> {
  const paths = readdirSync(folder, { recursive: true })
    .map((path) => String(path).replaceAll("\\", "/"))
    .filter((path) => path.endsWith(".proto") && !/(?:^|\/)(?:node_modules|\.git)\//.test(path))
    .filter((path) => statSync(join(folder, path)).isFile())
    .sort();
  const names = roots.length > 0 ? namesBelow(paths, roots) : namesByImports(folder, paths);
  const own = new Set<string>();
  for (const [path, name] of names) {
    // Copies of the same file in several places of a repository are one file.
    if (!own.has(name)) {
      copy(join(folder, path), module, name);
      own.add(name);
    }
  }
  return own;
}

function namesBelow(paths: readonly string[], roots: readonly string[]): Map<string, string> {
  const prefixes = roots.map((prefix) => `${prefix.replace(/^\.\/|\/+$/g, "")}/`);
  return new Map(
    paths.flatMap((path) => {
      const prefix = prefixes.find(
        (candidate) => candidate === "./" || candidate === "/" || path.startsWith(candidate),
      );
      return prefix === undefined ? [] : [[path, path.startsWith(prefix) ? path.slice(prefix.length) : path] as const];
    }),
  );
}

/** Names files as others import them; one that nobody imports, from the root of the files around it. */
function namesByImports(folder: string, paths: readonly string[]): Map<string, string> {
  const imported = new Set(paths.flatMap((path) => importsOf(readFileSync(join(folder, path), "utf8"))));
  const names = new Map<string, string>();
  const prefixes = new Set<string>();
  for (const path of paths) {
    const name = suffixes(path).find((suffix) => imported.has(suffix));
    if (name !== undefined) {
      names.set(path, name);
      prefixes.add(path.slice(0, path.length - name.length));
    }
  }
  const longestFirst = [...prefixes].sort((a, b) => b.length - a.length);
  for (const path of paths) {
    if (!names.has(path)) {
      const prefix = longestFirst.find((candidate) => path.startsWith(candidate)) ?? "";
      names.set(path, path.slice(prefix.length));
    }
  }
  return names;
}

/** `a/b/c.proto`, `b/c.proto`, `c.proto` */
function suffixes(path: string): string[] {
  const parts = path.split("/");
  return parts.map((_, index) => parts.slice(index).join("/"));
}

function importsOf(text: string): string[] {
  return [...text.matchAll(/^\s*import\s+(?:public\s+|weak\s+)?"([^"]+)"\s*;/gm)].map(([, path = ""]) => path);
}

/** Copies what files import and the source hasn't. */
function copyImported(module: string, own: ReadonlySet<string>): void {
  const queue = [...own];
  const seen = new Set(own);
  for (const name of queue) {
    for (const path of importsOf(readFileSync(join(module, name), "utf8"))) {
      const known = [join(root, "proto"), GOOGLE_PROTOS].map((folder) => join(folder, path)).find(existsSync);
      // buf has protobuf's own.
      if (!seen.has(path) && known !== undefined && !path.startsWith("google/protobuf/")) {
        copy(known, module, path);
        seen.add(path);
        queue.push(path);
      }
    }
  }
}

function copy(from: string, module: string, name: string): void {
  mkdirSync(dirname(join(module, name)), { recursive: true });
  cpSync(from, join(module, name));
}

/** Compiles, and leaves out what doesn't compile until the rest does. */
function compile(module: string, own: ReadonlySet<string>): CompiledSource {
  const broken: string[] = [];
  for (;;) {
    const build = spawnSync(
      ...program("buf", ["build", ".", "--config", '{"version":"v2"}', "--as-file-descriptor-set", "-o", "-"]),
      { cwd: module, maxBuffer: 1 << 30 },
    );
    if (build.status === 0) {
      const files = fromBinary(FileDescriptorSetSchema, build.stdout).file;
      return { files, own: files.map(({ name }) => name).filter((name) => own.has(name)), broken };
    }
    const complaints = build.stderr.toString().trim().split("\n");
    const culprits = new Set(complaints.map((line) => /^(.+?\.proto):\d+:\d+:/.exec(line)?.[1]));
    const there = [...culprits].filter((name) => name !== undefined && existsSync(join(module, name)));
    if (there.length === 0) {
      throw new Error(complaints.join("\n"));
    }
    broken.push(...complaints);
    for (const name of there) {
      rmSync(join(module, name ?? ""));
    }
  }
}
