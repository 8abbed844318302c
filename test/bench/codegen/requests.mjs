// What the plugins are asked: requests as buf makes them, saved once, so that all get the same bytes.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { CodeGeneratorRequestSchema, FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import { GROWING } from "./plugins.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "../../..");
const folder = join(here, "build");
const google = dirname(createRequire(import.meta.url).resolve("google-proto-files/package.json"));

/** The input whose parts show how time and memory grow. */
export const WHOLE = "cloud";

/** The same with source info, and so with comments. */
export const WITH_COMMENTS = "cloud-comments";

/**
 * The inputs, in groups: within a group, rounds go over all inputs, so that these can be compared too.
 *
 * - rounds: how often each plugin is run
 * - only: the plugins that are run, if not all
 * - limits: the seconds after which a plugin is ended, where that would take too long or, with ts-proto, all memory
 */
export const GROUPS = [
  { rounds: 20, inputs: [{ name: "small", title: "one method", cwd: join(root, "test/golden/unannotated/proto") }] },
  { rounds: 10, inputs: [{ name: "pubsub", title: "google/pubsub", cwd: google, path: "google/pubsub" }] },
  {
    rounds: 3,
    inputs: [
      { name: "cloud-quarter", title: "¼ of google/cloud", part: 1 / 4, only: GROWING },
      { name: "cloud-half", title: "½ of google/cloud", part: 1 / 2, only: GROWING },
      {
        name: WHOLE,
        title: "google/cloud",
        cwd: google,
        path: "google/cloud",
        isStripped: true,
        limits: { "ts-proto": 60 },
      },
      {
        name: WITH_COMMENTS,
        title: "google/cloud with source info",
        cwd: google,
        path: "google/cloud",
        limits: { "protoc-gen-es": 60, "protoc-gen-es, names cached": 60, "ts-proto": 30 },
      },
    ],
  },
];

/** The file with an input's request; it is made if it isn't there. */
export function requestOf(input) {
  const file = join(folder, `${input.name}.binpb`);
  if (!existsSync(file)) {
    mkdirSync(folder, { recursive: true });
    process.stderr.write(`Compiling ${input.title} …\n`);
    if (input.part !== undefined) {
      const whole = GROUPS.flatMap(({ inputs }) => inputs).find(({ name }) => name === WHOLE);
      writeFileSync(file, partOf(readFileSync(requestOf(whole)), input.part));
    } else {
      capture(input, file);
      if (input.isStripped) {
        writeFileSync(file, withoutSourceInfo(readFileSync(file)));
      }
    }
  }
  return file;
}

function capture({ cwd, path }, file) {
  const plugin = { local: [process.execPath, join(here, "capture.mjs"), file], strategy: "all", out: folder };
  const template = JSON.stringify({ version: "v2", plugins: [plugin] });
  const selection = path === undefined ? [] : ["--path", path];
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

/** The request for the first of the packages, in the order of their names, that make a part of all bytes; with what they import. */
function partOf(bytes, part) {
  const request = fromBinary(CodeGeneratorRequestSchema, bytes);
  const byName = new Map(request.protoFile.map((file) => [file.name, file]));
  const sizeOf = (name) => toBinary(FileDescriptorProtoSchema, byName.get(name)).length;
  const packages = new Map();
  for (const name of request.fileToGenerate) {
    const { package: pkg } = byName.get(name);
    packages.set(pkg, [...(packages.get(pkg) ?? []), name]);
  }
  const sorted = [...packages].map(([pkg, names]) => ({ pkg, names, size: sum(names.map(sizeOf)) }));
  sorted.sort((a, b) => (a.pkg < b.pkg ? -1 : 1));
  let left = part * sum(sorted.map(({ size }) => size));
  const selected = new Set();
  for (const { names, size } of sorted) {
    left -= size;
    if (left < 0) {
      break;
    }
    for (const name of names) {
      selected.add(name);
    }
  }
  const needed = new Set();
  const need = (name) => {
    if (!needed.has(name)) {
      needed.add(name);
      byName.get(name).dependency.forEach(need);
    }
  };
  selected.forEach(need);
  request.fileToGenerate = request.fileToGenerate.filter((name) => selected.has(name));
  request.protoFile = request.protoFile.filter(({ name }) => needed.has(name));
  request.sourceFileDescriptors = request.sourceFileDescriptors.filter(({ name }) => selected.has(name));
  return toBinary(CodeGeneratorRequestSchema, request);
}

function sum(numbers) {
  return numbers.reduce((total, number) => total + number, 0);
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
