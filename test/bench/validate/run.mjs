// `npm run bench:validate`: what it costs to check a valid message, by generated code and by @bufbuild/protovalidate. Writes no files.
//
// Microseconds of processor time for a check, medians of interleaved rounds, and their ratio; and the bytes that are allocated for one. Then
// what a small unary call pays for its check.
import { spawnSync } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));

await build({
  entryPoints: ["bench", "calls", "calls-server"].map((name) => join(here, `${name}.ts`)),
  outdir: join(here, "build"),
  outExtension: { ".js": ".mjs" },
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
  plugins: [
    {
      // It finds the repository by its own place.
      name: "programs",
      setup: ({ onResolve }) => {
        onResolve({ filter: /\/scripts\/programs\.mjs$/ }, () => ({
          path: join(here, "../../../scripts/programs.mjs"),
          external: true,
        }));
      },
    },
  ],
  logLevel: "warning",
});
for (const program of ["bench.mjs", "calls.mjs"]) {
  const { status } = spawnSync(
    process.execPath,
    ["--expose-gc", join(here, "build", program), ...process.argv.slice(2)],
    {
      stdio: "inherit",
    },
  );
  process.exitCode ||= status ?? 1;
}
