// `npm run bench:log`: what it costs to log. Needs nothing but this repository, and writes no files.
//
// First, the text of payloads of 4 MiB in each shape, which may take 2 ms at most: milliseconds of processor time, median of all
// rounds. Then the two lines of a call by the default logger and by pino, interleaved, as microseconds and as a ratio.
import { spawnSync } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

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
  sourcemap: "inline",
  logLevel: "warning",
});
process.exitCode = spawnSync(process.execPath, [outfile, ...process.argv.slice(2)], { stdio: "inherit" }).status ?? 1;
