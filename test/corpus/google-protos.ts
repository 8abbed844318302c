import { execFileSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { create, fromBinary } from "@bufbuild/protobuf";
import {
  type CodeGeneratorRequest,
  CodeGeneratorRequestSchema,
  type FileDescriptorProto,
  FileDescriptorSetSchema,
} from "@bufbuild/protobuf/wkt";
import { program } from "../../scripts/programs.mjs";

// The npm package google-proto-files: the protos of all of Google's public APIs, the largest body of real services that
// there is to try a plugin on.

/** The folder that the package's protos are relative to. */
export const GOOGLE_PROTOS = dirname(createRequire(import.meta.url).resolve("google-proto-files/package.json"));

/** The protos of the package that aren't part of the corpus, and why. None of them has a service. */
export const EXCLUDED: readonly { readonly path: string; readonly reason: string }[] = [
  {
    path: "google/protobuf/compiler/ruby",
    reason: "doesn't compile: tests of protoc's Ruby generator, which import files that the package doesn't have",
  },
  {
    path: "google/protobuf/util/json_format_proto3.proto",
    reason: "doesn't compile: a test of protobuf itself, which imports a file that the package doesn't have",
  },
  {
    path: "google/protobuf",
    reason: "protobuf's own types, whose generated code is part of @bufbuild/protobuf, and more tests of protobuf",
  },
];

/**
 * Compiles protos of the package with buf, source info included.
 *
 * @param paths the files that are asked for; by default, all but the {@link EXCLUDED}
 * @returns these and what they import, each file after its imports
 * @throws if a file that is asked for isn't there, or doesn't compile
 */
export function compileGoogleProtos(paths?: readonly string[]): FileDescriptorProto[] {
  const missing = paths?.filter((path) => !existsSync(join(GOOGLE_PROTOS, path))) ?? [];
  if (missing.length > 0) {
    throw new Error(`google-proto-files has no ${missing.join(", ")}`);
  }
  const selection =
    paths?.flatMap((path) => ["--path", path]) ?? EXCLUDED.flatMap(({ path }) => ["--exclude-path", path]);
  const image = execFileSync(...program("buf", ["build", ".", ...selection, "--as-file-descriptor-set", "-o", "-"]), {
    cwd: GOOGLE_PROTOS,
    maxBuffer: 1 << 30,
    stdio: ["ignore", "pipe", "inherit"],
  });
  return fromBinary(FileDescriptorSetSchema, image).file;
}

/** The names of all protos that the package has, compiled or not. */
export function googleProtoNames(): string[] {
  return readdirSync(GOOGLE_PROTOS, { recursive: true })
    .map((name) => String(name).replaceAll("\\", "/"))
    .filter((name) => name.endsWith(".proto"))
    .sort();
}

/** The names of the files of a set that are part of the corpus: imports of what is excluded aren't. */
export function corpusNames(files: readonly FileDescriptorProto[]): string[] {
  return files
    .map(({ name }) => name)
    .filter((name) => !EXCLUDED.some(({ path }) => name === path || name.startsWith(`${path}/`)));
}

/** Makes the request that a compiler would make: the files to generate, and all that they import. */
export function requestFor(
  files: readonly FileDescriptorProto[],
  fileToGenerate: readonly string[],
  parameter: string,
): CodeGeneratorRequest {
  const byName = new Map(files.map((file) => [file.name, file]));
  const needed = new Set<string>();
  const add = (name: string): void => {
    if (!needed.has(name)) {
      needed.add(name);
      byName.get(name)?.dependency.forEach(add);
    }
  };
  fileToGenerate.forEach(add);
  return create(CodeGeneratorRequestSchema, {
    parameter,
    fileToGenerate: [...fileToGenerate],
    protoFile: files.filter((file) => needed.has(file.name)),
  });
}

/** What buf makes of one request with `strategy: directory`: a request for each directory. */
export function byDirectory(names: readonly string[]): string[][] {
  return grouped(names, dirname);
}

/** The smallest requests that never stop: one for each package. */
export function byPackage(files: readonly FileDescriptorProto[], names: readonly string[]): string[][] {
  const packageOf = new Map(files.map((file) => [file.name, file.package]));
  return grouped(names, (name) => packageOf.get(name) ?? "");
}

function grouped(names: readonly string[], keyOf: (name: string) => string): string[][] {
  const groups = new Map<string, string[]>();
  for (const name of names) {
    const key = keyOf(name);
    const group = groups.get(key) ?? [];
    groups.set(key, group);
    group.push(name);
  }
  return [...groups.values()];
}
