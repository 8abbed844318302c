// `npm run matrix`: the tests that touch Node's and grpc-js's behaviour on every Node × the lowest and the newest peers that are
// allowed, and generated code through every TypeScript. What can't be had is told in a line.
//
//   --short              what CI runs: one file of each kind, three minutes at the most
//   --node=20,22,24,26   majors, or paths of a Node
//   --peers=lowest,newest
//   --typescript=5.4,…   versions; `--typescript=` none
//   --runtimes=Deno      gRPC's interoperability tests on it; `--runtimes=` not
//
// Exit code 1: something failed.
import { spawnSync } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
// As deep as its sources, which find the repository from where they are.
const bundle = join(here, "../dist/matrix.mjs");
await build({
  // As deep as the bundled suites that the tests of interoperability are from.
  entryPoints: { "dist/matrix": join(here, "main.ts"), "matrix/dist/interop": join(here, "interop.ts") },
  outdir: join(here, ".."),
  outExtension: { ".js": ".mjs" },
  bundle: true,
  format: "esm",
  platform: "node",
  target: "node20",
  packages: "external",
});
const { status } = spawnSync(process.execPath, [bundle, ...process.argv.slice(2)], {
  stdio: "inherit",
});
process.exitCode = status ?? 1;
