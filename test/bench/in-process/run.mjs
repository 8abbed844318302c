// `npm run bench:in-process`: what a call costs in its caller's process, beside the same call over a socket to the same process.
// Needs nothing but this repository, and writes no files. ROUNDS and ROUND_MS say how long it takes.
import { spawnSync } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { runtimeSources } from "../../../scripts/runtime-sources.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const outfile = join(here, "build/bench.mjs");

await build({
  entryPoints: [join(here, "bench.ts")],
  outfile,
  bundle: true,
  format: "esm",
  platform: "node",
  target: "node20",
  packages: "external",
  alias: runtimeSources(join(here, "../../../runtime")),
  logLevel: "warning",
});
process.exitCode = spawnSync(process.execPath, [outfile, ...process.argv.slice(2)], { stdio: "inherit" }).status ?? 1;
