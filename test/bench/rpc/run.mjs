// `npm run bench:rpc`: installs what only the benchmarks need, generates and bundles the subjects, and runs them.
//
//   --quick                two short rounds, only to see it work; writes no results
//   --node=20,24,26        on which Nodes: majors, versions or paths; default: the one that runs this
//   --views=pairs,…        only these ways to put clients and servers together (see view.ts)
//   --subjects=a,b         only these (see subject.ts)
//   --scenarios=small,…    only these, by the beginning of their names (see scenario.ts)
//   --rounds=9 --seconds=1 how often, and how long each time
//   --warm-up=1            the share of the calls that are made before a subject is measured
//   --append               adds the rounds to those of the runs before: a busy machine is better asked in parts
//   --out=folder           where rpc.json and rpc.svg go; default: test/bench/results, unless only a part is run
//   --profile=folder       writes a CPU profile of each process there
//
// `npm run bench:held` is this with `held` as its first argument: see held.ts.
//
// What needs Go (grpc-go's server, ghz) is left out where there is none.
import { spawnSync } from "node:child_process";
import { rmSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { runtimeSources } from "../../../scripts/runtime-sources.mjs";
import { installComparisons } from "../install.mjs";
import { nodesOf } from "../nodes.mjs";
import { generate } from "./generate.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const folder = join(here, "..");
const root = join(here, "../../..");
const built = join(here, "build");

const ready = process.env.BENCH_READY !== undefined;
if (!ready) {
  run("node", ["scripts/set-up.mjs"], root);
  installComparisons();
  generate();
}
await bundle();
const ofNodes = "--node=";
const nodes = nodesOf(process.argv.find((argument) => argument.startsWith(ofNodes))?.slice(ofNodes.length));
const args = process.argv.slice(2).filter((argument) => !argument.startsWith(ofNodes));
const program = args[0] === "held" ? args.shift() : "bench";
process.exitCode = spawnSync(process.execPath, [join(built, `${program}.js`), ...args], {
  stdio: "inherit",
  env: { ...process.env, BENCH_FOLDER: folder, BENCH_NODES: JSON.stringify(nodes) },
}).status;

/** The runtime is bundled from its sources, so that all subjects share one copy of grpc-js and protobuf-es. */
async function bundle() {
  rmSync(built, { recursive: true, force: true });
  await build({
    entryPoints: ["bench", "held", "server-process", "client-process", "connections-process"].map((name) =>
      join(here, `${name}.ts`),
    ),
    outdir: built,
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node20",
    packages: "external",
    sourcemap: "linked",
    alias: runtimeSources(join(root, "runtime")),
    logLevel: "warning",
  });
}

function run(command, args, directory) {
  const { status, error } = spawnSync(command, args, {
    cwd: resolve(directory),
    stdio: ["ignore", "inherit", "inherit"],
  });
  if (status !== 0) {
    process.stderr.write(`${command} ${args.join(" ")} failed${error ? `: ${error.message}` : ""}\n`);
    process.exit(1);
  }
}
