// Generates the code of all subjects from one proto into gen/, which isn't committed, and bundles each for itself: a
// subject must not profit from, or suffer by, what another one does to shared code.
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "../../..");
const gen = "test/bench/codec/gen";
const bin = "test/bench/node_modules/.bin";
const proto = "codec/bench/v1/bench.proto";

export const SUBJECTS = ["protobuf-es", "ts-proto", "protobufjs", "pbf", "accord", "accord-transient"];

/** Generates and bundles. @returns the path of each subject's bundle */
export async function generate() {
  rmSync(join(root, gen), { recursive: true, force: true });
  const accord = process.env.ACCORD_PLUGIN ?? "protoc-gen-accord";
  const template = {
    version: "v2",
    plugins: [
      { local: `${bin}/protoc-gen-es`, out: `${gen}/es`, opt: ["target=ts", "import_extension=js"] },
      {
        local: accord,
        out: `${gen}/es`,
        opt: ["target=ts", "import_extension=js", "artifacts=codec"],
        strategy: "all",
      },
      {
        local: `${bin}/protoc-gen-ts_proto`,
        out: `${gen}/ts-proto`,
        opt: [
          ...["esModuleInterop=true", "importSuffix=.js", "forceLong=bigint", "oneof=unions-value", "useDate=false"],
          ...["outputServices=none", "outputJsonMethods=false"],
        ],
        strategy: "all",
      },
    ],
  };
  const config = { version: "v2", modules: [{ path: "test/bench/codec/proto" }] };
  execFileSync(
    "buf",
    ["generate", "test/bench/codec/proto", "--config", JSON.stringify(config), "--template", JSON.stringify(template)],
    {
      cwd: root,
      stdio: ["ignore", "inherit", "inherit"],
      env: { ...process.env, PATH: `${join(root, "node_modules/.bin")}:${process.env.PATH}` },
    },
  );
  generateForProtobufjs();
  generateForPbf();
  await build({
    entryPoints: SUBJECTS.map((name) => join(here, "subjects", `${name}.mjs`)),
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    conditions: ["@accord-grpc/source"],
    outdir: join(root, gen, "bundles"),
    outExtension: { ".js": ".mjs" },
    banner: { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' },
    logLevel: "error",
  });
  return Object.fromEntries(SUBJECTS.map((name) => [name, join(root, gen, "bundles", `${name}.mjs`)]));
}

/** Static code, without what only checks, converts or serves: encoding and decoding are the same with it. */
function generateForProtobufjs() {
  mkdirSync(join(root, gen, "protobufjs"));
  const flags = ["--target=static-module", "--wrap=esm", "--no-verify", "--no-delimited", "--no-service"];
  const path = ["--path=test/bench/codec/proto", `--out=${gen}/protobufjs/bench.js`];
  execFileSync(join(root, bin, "pbjs"), [...flags, ...path, proto], {
    cwd: root,
    stdio: ["ignore", "inherit", "inherit"],
  });
}

/** pbf doesn't find types of other packages: the timestamp is a message of the file's own to it, with the same bytes. */
function generateForPbf() {
  const folder = join(root, gen, "pbf");
  mkdirSync(folder);
  const source = readFileSync(join(root, "test/bench/codec/proto", proto), "utf8")
    .replace('import "google/protobuf/timestamp.proto";\n', "")
    .replaceAll("google.protobuf.Timestamp", "Timestamp");
  const timestamp = "message Timestamp {\n  int64 seconds = 1;\n  int32 nanos = 2;\n}\n";
  writeFileSync(join(folder, "bench.proto"), `${source}\n${timestamp}`);
  writeFileSync(join(folder, "bench.js"), execFileSync(join(root, bin, "pbf"), [join(folder, "bench.proto")]));
}
