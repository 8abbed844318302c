// What is compared. The plugins don't generate the same: each says what it makes of a proto file. What they have in common is
// what they read.
import { cpSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const bench = join(dirname(fileURLToPath(import.meta.url)), "..");
const root = join(bench, "../..");
const protocGenEs = join(bench, "node_modules/@bufbuild/protoc-gen-es/bin/protoc-gen-es");
const copy = join(bench, "codegen/build/accord");
const accord = join(copy, "bin/protoc-gen-accord.cjs");

/** What all others are compared with. */
export const REFERENCE = "protoc-gen-es";

const MESSAGES = "types and descriptors of all messages";
const AROUND = "servicers, clients, errors, channel, server and service config";

export const PLUGINS = [
  {
    name: REFERENCE,
    emits: MESSAGES,
    args: [protocGenEs],
    parameter: "target=ts,import_extension=js",
  },
  {
    // It names all types of a file anew for each reference to one: that is most of its time. This is what it would take
    // if it didn't.
    name: "protoc-gen-es, names cached",
    emits: `${MESSAGES}; patched in memory to name each file's types once`,
    args: ["--require", join(root, "test/corpus/cache-names.cjs"), protocGenEs],
    parameter: "target=ts,import_extension=js",
  },
  {
    name: "ts-proto",
    emits: "types, encoders, decoders and JSON of all messages; service definitions and clients for grpc-js",
    args: [join(bench, "node_modules/ts-proto/protoc-gen-ts_proto")],
    parameter: "env=node,esModuleInterop=true,importSuffix=.js,outputServices=grpc-js",
  },
  {
    name: "accord",
    emits: `${AROUND}; encoders and decoders of the messages that services reach`,
    args: [accord],
    parameter: "target=ts,import_extension=js",
  },
  {
    name: "accord, codec=reflect",
    emits: AROUND,
    args: [accord],
    parameter: "target=ts,import_extension=js,codec=reflect",
  },
];

/** Those that are tried on parts of an input, to see how time and memory grow. */
export const GROWING = ["accord", "accord, codec=reflect"];

/** Copies our built plugin: one that is built anew in between wouldn't be the same in all rounds. */
export function copyPlugin() {
  rmSync(copy, { recursive: true, force: true });
  for (const path of ["bin", "dist/bin"]) {
    cpSync(join(root, "plugin", path), join(copy, path), { recursive: true });
  }
}
