// `npm run bench:rpc`: installs what only the benchmarks need, generates and bundles the subjects, and runs them.
//
//   --quick                two short rounds, only to see it work; writes no results
//   --subjects=a,b         only these (see subject.ts)
//   --scenarios=small,…    only these, by the beginning of their names (see scenario.ts)
//   --rounds=9 --seconds=1.5 how often, and how long each time
//   --out=folder           where rpc.json and rpc.svg go; default: test/bench/results, unless only a part is run
//   --profile=folder       writes a CPU profile of each process there
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { generate } from "./generate.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const folder = join(here, "..");
const root = join(here, "../../..");
const built = join(here, "build");

const ready = process.env.BENCH_READY !== undefined;
if (!ready) {
  run("node", ["scripts/set-up.mjs"], root);
  if (!isInstalled()) {
    process.stderr.write("Installing what the benchmarks need …\n");
    run("npm", ["install", "--no-audit", "--no-fund", "--loglevel=error"], folder);
  }
  generate();
}
await bundle();
process.exitCode = spawnSync(process.execPath, [join(built, "bench.js"), ...process.argv.slice(2)], {
  stdio: "inherit",
  env: { ...process.env, BENCH_FOLDER: folder },
}).status;

/** The runtime is bundled from its sources, so that all subjects share one copy of grpc-js and protobuf-es. */
async function bundle() {
  rmSync(built, { recursive: true, force: true });
  const runtime = join(root, "runtime/src");
  await build({
    entryPoints: ["bench", "server-process", "client-process"].map((name) => join(here, `${name}.ts`)),
    outdir: built,
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node20",
    packages: "external",
    sourcemap: "linked",
    alias: {
      "@accord-grpc/runtime/codec/v1": join(runtime, "codec/v1.ts"),
      "@accord-grpc/runtime/codegen/v1": join(runtime, "codegen/v1.ts"),
      "@accord-grpc/runtime/contract": join(runtime, "contract/index.ts"),
      "@accord-grpc/runtime": join(runtime, "index.ts"),
    },
    logLevel: "warning",
  });
}

function isInstalled() {
  const { dependencies } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  return Object.entries(dependencies).every(([name, version]) => {
    const manifest = join(folder, "node_modules", name, "package.json");
    return existsSync(manifest) && JSON.parse(readFileSync(manifest, "utf8")).version === version;
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
