// `npm run bench:validate`: what it costs to check a valid message, by generated code and by @bufbuild/protovalidate. Writes no files.
//
// Microseconds of processor time for a check, medians of interleaved rounds, and their ratio; and the bytes that are allocated for one.
import { spawnSync } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const outfile = join(here, "build/bench.mjs");

await build({
  entryPoints: [join(here, "bench.ts")],
  outfile,
  // The validators are generated of the tests' protos, which are found by the place of their module.
  define: { "import.meta.dirname": JSON.stringify(join(here, "../../validate")) },
  conditions: ["@accord-grpc/source"],
  bundle: true,
  format: "esm",
  platform: "node",
  target: "node20",
  external: ["@bufbuild/*", "@grpc/*", "ts-morph", "esbuild", "handlebars"],
  banner: {
    js: 'import { createRequire as requireOf } from "node:module"; const require = requireOf(import.meta.url);',
  },
  logLevel: "warning",
});
const { status } = spawnSync(process.execPath, ["--expose-gc", outfile, ...process.argv.slice(2)], {
  stdio: "inherit",
});
process.exitCode = status ?? 1;
