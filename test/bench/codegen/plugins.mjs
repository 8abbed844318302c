// What is compared. The three don't generate the same: protoc-gen-es makes messages, ts-proto messages and services, ours
// everything around the services. What they have in common is what they read.
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const bench = join(dirname(fileURLToPath(import.meta.url)), "..");
const root = join(bench, "../..");

/** What all others are compared with. */
export const REFERENCE = "protoc-gen-es";

export const PLUGINS = [
  {
    name: REFERENCE,
    args: [join(bench, "node_modules/@bufbuild/protoc-gen-es/bin/protoc-gen-es")],
    parameter: "target=ts,import_extension=js",
  },
  {
    // It names all types of a file anew for each reference to one: that is most of its time. This is what it would take
    // if it didn't.
    name: "protoc-gen-es, names cached",
    args: [
      "--require",
      join(root, "test/corpus/cache-names.cjs"),
      join(bench, "node_modules/@bufbuild/protoc-gen-es/bin/protoc-gen-es"),
    ],
    parameter: "target=ts,import_extension=js",
  },
  {
    name: "ts-proto",
    args: [join(bench, "node_modules/ts-proto/protoc-gen-ts_proto")],
    parameter: "env=node,esModuleInterop=true,importSuffix=.js,outputServices=grpc-js",
  },
  {
    name: "accord",
    args: [join(root, "plugin/bin/protoc-gen-accord.cjs")],
    parameter: "target=ts,import_extension=js",
  },
];
