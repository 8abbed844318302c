import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  type CodeGeneratorRequest,
  CodeGeneratorRequestSchema,
  CodeGeneratorResponseSchema,
  FileDescriptorSetSchema,
} from "@bufbuild/protobuf/wkt";
import { program } from "../../scripts/programs.mjs";

// A golden case is a folder:
//   proto/           what a user wrote
//   options.txt      the plugin's parameter
//   request.binpb    the request that a compiler makes of them, so that no compiler is needed to check the case
//   gen/             everything that is generated, with protoc-gen-es's part of it, so that it can be type-checked

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "../..");

/** Whether the cases are being written anew. Tests of what is in them wait for the next run. */
export const UPDATING = process.env.UPDATE !== undefined;

/** Where the cases are. */
export const GOLDEN = here;

/** The settings that generated code is formatted and linted with: biome's recommended ones, and this repository's format. */
export const BIOME = `${JSON.stringify(
  {
    root: true,
    formatter: { indentStyle: "space", indentWidth: 2, lineWidth: 120 },
    javascript: { formatter: { quoteStyle: "double" } },
    linter: { rules: { suspicious: { noExplicitAny: "error" } } },
    assist: { actions: { source: { organizeImports: "on" } } },
  },
  null,
  2,
)}\n`;

/** The names of all cases. */
export function goldenCases(): string[] {
  return readdirSync(here).filter((name) => existsSync(join(here, name, "options.txt")));
}

/** The committed request of a case, with its parameter. */
export function readRequest(name: string): CodeGeneratorRequest {
  const request = fromBinary(CodeGeneratorRequestSchema, readFileSync(join(here, name, "request.binpb")));
  request.parameter = readFileSync(join(here, name, "options.txt"), "utf8").trim();
  return request;
}

/** What a case expects of this plugin: path → content. */
export function readGenerated(name: string): Map<string, string> {
  const folder = join(here, name, "gen");
  const files = filesIn(folder).filter((path) => !isFromProtocGenEs(path));
  return new Map(files.map((path) => [path, readFileSync(join(folder, path), "utf8")]));
}

/** Replaces all that is generated for a case. */
export function updateGenerated(name: string, generated: ReadonlyMap<string, string>): void {
  const es = execFileSync(...program("protoc-gen-es"), {
    input: toBinary(CodeGeneratorRequestSchema, protocGenEsRequest(name)),
    maxBuffer: 64 << 20,
  });
  const files = new Map(generated);
  for (const { name: path, content } of fromBinary(CodeGeneratorResponseSchema, es).file) {
    files.set(path, content);
  }
  const folder = join(here, name, "gen");
  for (const [path, content] of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  for (const path of filesIn(folder).filter((path) => !files.has(path))) {
    rmSync(join(folder, path));
  }
}

/** Compiles the protos of a case, and writes the request that buf makes of them. */
export function updateRequest(name: string): void {
  const request = compile(root, relative(root, join(here, name, "proto")), "proto");
  writeFileSync(join(here, name, "request.binpb"), toBinary(CodeGeneratorRequestSchema, request));
}

/**
 * Compiles all protos in a folder, and asks for all of them.
 *
 * @param folder relative to the working directory
 * @param contract the folder with `accord/v1/options.proto`, relative to it too
 */
export function compile(cwd: string, folder: string, contract: string): CodeGeneratorRequest {
  const config = JSON.stringify({ version: "v2", modules: [{ path: contract }, { path: folder }] });
  const image = execFileSync(
    ...program("buf", ["build", folder, "--config", config, "--as-file-descriptor-set", "-o", "-"]),
    { cwd, maxBuffer: 64 << 20, stdio: ["ignore", "pipe", "inherit"] },
  );
  const fileToGenerate = filesIn(join(cwd, folder)).sort();
  const protoFile = fromBinary(FileDescriptorSetSchema, image).file;
  for (const file of protoFile) {
    if (!fileToGenerate.includes(file.name)) {
      // Only the comments of what is generated are read.
      delete file.sourceCodeInfo;
    }
  }
  return create(CodeGeneratorRequestSchema, { fileToGenerate, protoFile });
}

/** What protoc-gen-es is asked: the contract language too, since the protos import it; without options that it doesn't know. */
function protocGenEsRequest(name: string): CodeGeneratorRequest {
  const request = readRequest(name);
  const imported = request.protoFile.map((file) => file.name).filter((path) => path.startsWith("accord/"));
  const parameter = request.parameter
    .split(",")
    .filter((option) => !/^(artifacts|codec|templates)=/.test(option))
    .join(",");
  return { ...request, fileToGenerate: [...imported, ...request.fileToGenerate], parameter };
}

function isFromProtocGenEs(path: string): boolean {
  return /_pb\.(ts|js|d\.ts)$/.test(path);
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true })
    .map((path) => String(path).replaceAll("\\", "/"))
    .filter((path) => statSync(join(folder, path)).isFile());
}
