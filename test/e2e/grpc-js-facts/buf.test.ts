import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fromBinary } from "@bufbuild/protobuf";
import {
  type CodeGeneratorRequest,
  CodeGeneratorRequestSchema,
  type FileDescriptorProto,
} from "@bufbuild/protobuf/wkt";
import { afterEach, beforeEach, expect, it } from "vitest";
import { program } from "../../../scripts/programs.mjs";

// How buf runs a local plugin. What the plugin makes of it is in test/targets and plugin/src/bin.

/** A plugin that keeps its request, and answers that it made nothing. */
const PLUGIN = `
  const { readFileSync, writeFileSync } = require("node:fs");
  writeFileSync(process.argv[1] + "/" + process.pid, readFileSync(0));
`;

const PROTOS = {
  "proto/a/v1/a.proto": `
    syntax = "proto3";
    package a.v1;
    import "google/protobuf/descriptor.proto";
    extend google.protobuf.MethodOptions {
      string kept = 50000;
      string stripped = 50001 [retention = RETENTION_SOURCE];
    }
    message Nothing {}
    service Service {
      rpc Method(Nothing) returns (Nothing) {
        option (kept) = "kept";
        option (stripped) = "stripped";
      }
    }`,
  "proto/b/v1/b.proto": 'syntax = "proto3"; package b.v1; message Nothing {}',
};

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "accord-buf-"));
  write("buf.yaml", JSON.stringify({ version: "v2", modules: [{ path: "proto" }] }));
  mkdirSync(join(folder, "requests"));
  for (const [path, content] of Object.entries(PROTOS)) {
    write(path, content);
  }
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(path: string, content: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), content);
}

/** Runs the plugin, and gives its requests. */
function requests(template: object, plugin: object = {}): CodeGeneratorRequest[] {
  const local = [process.execPath, "-e", PLUGIN, join(folder, "requests")];
  const generate = { version: "v2", ...template, plugins: [{ local, out: "gen", ...plugin }] };
  execFileSync(...program("buf", ["generate", "--template", JSON.stringify(generate)]), {
    cwd: folder,
    stdio: "pipe",
  });
  return readdirSync(join(folder, "requests")).map((name) =>
    fromBinary(CodeGeneratorRequestSchema, readFileSync(join(folder, "requests", name))),
  );
}

it.each([
  ["once for each directory by default", {}, [["a/v1/a.proto"], ["b/v1/b.proto"]]],
  ["once for all with strategy: all", { strategy: "all" }, [["a/v1/a.proto", "b/v1/b.proto"]]],
])("runs a plugin %s", (_what, plugin, expected) => {
  const files = requests({}, plugin).map(({ fileToGenerate }) => fileToGenerate);
  expect(files.sort()).toEqual(expected);
});

it.each([
  ["with clean: true", true],
  ["without it", false],
])("deletes what is in `out`, whoever wrote it: %s", (_what, clean) => {
  write("gen/mine.ts", "// by hand");
  requests({ clean });
  expect(existsSync(join(folder, "gen/mine.ts"))).toBe(!clean);
});

it("strips options whose retention is the source from proto_file, and keeps them in source_file_descriptors", () => {
  const [request] = requests({}, { strategy: "all" });
  const options = (files: readonly FileDescriptorProto[] = []) =>
    files
      .find(({ name }) => name === "a/v1/a.proto")
      ?.service[0]?.method[0]?.options?.$unknown?.map(({ no }) => no)
      .sort();
  expect(options(request?.protoFile)).toEqual([50000]);
  expect(options(request?.sourceFileDescriptors)).toEqual([50000, 50001]);
});
