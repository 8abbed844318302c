// `npm run bench:http`: what a call by gRPC costs a server that speaks Connect and gRPC-Web, too. Needs nothing but this repository, and writes
// no files. PROCESSES and ROUNDS say how long it takes.
import { spawnSync } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { runtimeSources } from "../../../scripts/runtime-sources.mjs";

const here = dirname(fileURLToPath(import.meta.url));

await build({
  entryPoints: ["bench", "server"].map((name) => join(here, `${name}.ts`)),
  outdir: join(here, "build"),
  outExtension: { ".js": ".mjs" },
  bundle: true,
  format: "esm",
  platform: "node",
  target: "node20",
  packages: "external",
  alias: runtimeSources(join(here, "../../../runtime")),
  logLevel: "warning",
});
process.exitCode = spawnSync(process.execPath, [join(here, "build/bench.mjs")], { stdio: "inherit" }).status ?? 1;
