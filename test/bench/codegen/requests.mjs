// What the plugins are asked: requests as buf makes them, saved once, so that all get the same bytes.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { CodeGeneratorRequestSchema } from "@bufbuild/protobuf/wkt";

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "../../..");
const folder = join(here, "build");
const google = dirname(createRequire(import.meta.url).resolve("google-proto-files/package.json"));

/**
 * The inputs, from the smallest to the largest.
 *
 * - rounds: how often each plugin is run
 * - only: the plugins that are run, if not all: the others would take too long
 */
export const INPUTS = [
  { name: "small", title: "one service, 1 method", cwd: join(root, "test/golden/unannotated/proto"), rounds: 20 },
  { name: "pubsub", title: "google/pubsub", cwd: google, path: "google/pubsub", rounds: 10 },
  {
    name: "cloud",
    title: "google/cloud, no source info",
    cwd: google,
    path: "google/cloud",
    stripped: true,
    rounds: 3,
  },
  { name: "cloud-comments", title: "google/cloud, with source info", cwd: google, path: "google/cloud", rounds: 3 },
  {
    name: "everything",
    title: "all of google-proto-files, with source info",
    cwd: google,
    excludes: ["google/protobuf"],
    rounds: 3,
    only: ["protoc-gen-es, names cached", "accord"],
  },
];

/** The file with an input's request; it is made if it isn't there. */
export function requestOf(input) {
  const file = join(folder, `${input.name}.binpb`);
  if (!existsSync(file)) {
    mkdirSync(folder, { recursive: true });
    process.stderr.write(`Compiling ${input.title} …\n`);
    capture(input, file);
    if (input.stripped) {
      writeFileSync(file, withoutSourceInfo(readFileSync(file)));
    }
  }
  return file;
}

function capture({ cwd, path, excludes = [] }, file) {
  const plugin = { local: [process.execPath, join(here, "capture.mjs"), file], strategy: "all", out: folder };
  const paths = path === undefined ? [] : ["--path", path];
  const selection = [...paths, ...excludes.flatMap((exclude) => ["--exclude-path", exclude])];
  const template = JSON.stringify({ version: "v2", plugins: [plugin] });
  execFileSync(join(root, "node_modules/.bin/buf"), ["generate", ".", ...selection, "--template", template], {
    cwd,
    // It warns that the plugin doesn't know `optional`.
    stdio: ["ignore", "ignore", "ignore"],
  });
}

function withoutSourceInfo(bytes) {
  const request = fromBinary(CodeGeneratorRequestSchema, bytes);
  for (const file of [...request.protoFile, ...request.sourceFileDescriptors]) {
    delete file.sourceCodeInfo;
  }
  return toBinary(CodeGeneratorRequestSchema, request);
}

/** A request with a plugin's options. A field that comes twice has its last value, so they are put behind it. */
export function withParameter(file, parameter) {
  const text = Buffer.from(parameter);
  if (text.length > 127) {
    throw new Error("the length of a parameter is one byte here");
  }
  const PARAMETER = (2 << 3) | 2;
  return Buffer.concat([readFileSync(file), Buffer.from([PARAMETER, text.length]), text]);
}
