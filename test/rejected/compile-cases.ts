import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createFileRegistry, type DescFile, fromBinary } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import type { ProtoSources } from "../../plugin/src/read/source/proto-sources.js";
import { sourcesIn } from "../../plugin/src/sources-in-folder.js";
import { program } from "../../scripts/programs.mjs";

/** The repository. Compilers run there. */
const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** Cases: a folder each, with proto files. */
export type Suite = "rejected" | "accepted";

/** The protos of one case, compiled. */
export interface CompiledCase {
  readonly name: string;
  readonly folder: string;
  /** Its files, and all that they import. */
  readonly files: readonly DescFile[];
  /** The paths of its own files. */
  readonly toGenerate: ReadonlySet<string>;
  /** The texts of its files. */
  readonly sources: ProtoSources;
}

/** The names of a suite's cases. */
export function caseNames(suite: Suite): string[] {
  return readdirSync(folderOf(suite), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}

function folderOf(suite: Suite, name = ""): string {
  return join(ROOT, "test", suite, name);
}

/**
 * Compiles all cases of a suite with buf: together, since starting a compiler is what takes time. A case with a `buf.yaml`
 * is compiled by itself.
 */
export function compileWithBuf(suite: Suite): CompiledCase[] {
  const names = caseNames(suite);
  const alone = names.filter((name) => existsSync(join(folderOf(suite, name), "buf.yaml")));
  const modules = [
    { path: "proto" },
    { path: "plugin/validate-protos" },
    { path: `test/${suite}`, excludes: alone.map((name) => `test/${suite}/${name}`) },
  ];
  const together = runBuf(ROOT, ["--config", JSON.stringify({ version: "v2", modules })]);
  return names.map((name) =>
    alone.includes(name)
      ? compiledCase(suite, name, runBuf(folderOf(suite, name), []), ownFiles(suite, name))
      : compiledCase(suite, name, together, `${name}/`),
  );
}

/** What the files begin with that a case generates which is compiled by itself: all, where it has a contract language of its own. */
function ownFiles(suite: Suite, name: string): string {
  return existsSync(join(folderOf(suite, name), "accord")) ? "" : `${name.replaceAll("-", "_")}.proto`;
}

/** Compiles all protos of a folder with buf, beside Accord's own. */
export function compileFolder(path: string): DescFile[] {
  return runBuf(ROOT, ["--config", JSON.stringify({ version: "v2", modules: [{ path: "proto" }, { path }] })]);
}

function runBuf(cwd: string, args: readonly string[]): DescFile[] {
  const output = ["-o", "-#format=binpb", "--as-file-descriptor-set"];
  return readSet(execFileSync(...program("buf", ["build", ".", ...args, ...output]), { cwd, maxBuffer: 2 ** 28 }));
}

/** Compiles all protos of a folder with buf. What they import is among them. */
export function compileAlone(path: string): DescFile[] {
  return runBuf(path, []);
}

/** Compiles all protos of a folder with protoc. What they import is among them. */
export function compileAloneWithProtoc(path: string): DescFile[] {
  const folder = mkdtempSync(join(tmpdir(), "accord-protoc-"));
  try {
    const output = join(folder, "set.binpb");
    const sources = readdirSync(path, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".proto"));
    execFileSync("protoc", [
      `--proto_path=${path}`,
      "--include_imports",
      "--include_source_info",
      `-o${output}`,
      ...sources,
    ]);
    return readSet(readFileSync(output));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Whether protoc is installed. */
export function hasProtoc(): boolean {
  return spawnSync("protoc", ["--version"]).status === 0;
}

/** Compiles some cases with protoc, together. */
export function compileWithProtoc(suite: Suite, names: readonly string[]): CompiledCase[] {
  const folder = mkdtempSync(join(tmpdir(), "accord-protoc-"));
  try {
    const output = join(folder, "set.binpb");
    const sources = names.flatMap((name) =>
      readdirSync(folderOf(suite, name))
        .filter((file) => file.endsWith(".proto"))
        .map((file) => `${name}/${file}`),
    );
    const paths = [
      `--proto_path=${join(ROOT, "proto")}`,
      `--proto_path=${join(ROOT, "plugin/validate-protos")}`,
      `--proto_path=${folderOf(suite)}`,
    ];
    execFileSync("protoc", [...paths, "--include_imports", "--include_source_info", `-o${output}`, ...sources]);
    const files = readSet(readFileSync(output));
    return names.map((name) => compiledCase(suite, name, files, `${name}/`));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function readSet(bytes: Uint8Array): DescFile[] {
  return [...createFileRegistry(fromBinary(FileDescriptorSetSchema, bytes)).files];
}

function compiledCase(suite: Suite, name: string, all: readonly DescFile[], prefix: string): CompiledCase {
  const own = all.filter((file) => file.proto.name.startsWith(prefix) && !file.proto.name.startsWith("google/"));
  const visible = new Set<DescFile>();
  const add = (file: DescFile): void => {
    if (!visible.has(file)) {
      visible.add(file);
      file.dependencies.forEach(add);
    }
  };
  own.forEach(add);
  return {
    name,
    folder: folderOf(suite, name),
    files: [...visible],
    toGenerate: new Set(own.map((file) => file.proto.name)),
    sources: sourcesIn(folderOf(suite), folderOf(suite, name)),
  };
}
