// `npm run bench:editor`: what the check plugin costs whoever types. Writes no files.
//
// The start of the plugin on top of Node's own, and its check of the example's contract: milliseconds, medians of interleaved rounds.
// Then, through `buf lsp serve`, the time from a keystroke to the squiggle, and from the one that mends it to its end.
import { spawnSync } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const outfile = join(here, "build/bench.mjs");

await build({
  entryPoints: [join(here, "bench.ts")],
  outfile,
  // What it shares with tests finds the repository by its own place.
  define: {
    "import.meta.url": JSON.stringify(new URL("../../../plugin/src/cli/cli.fixture.ts", import.meta.url).href),
  },
  bundle: true,
  format: "esm",
  platform: "node",
  target: "node20",
  packages: "external",
  sourcemap: "inline",
  logLevel: "warning",
});
process.exitCode = spawnSync(process.execPath, [outfile, ...process.argv.slice(2)], { stdio: "inherit" }).status ?? 1;
