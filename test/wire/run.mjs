// `npm run wire`: plays calls over wires with delay, little bandwidth, silence, and backends that pause, freeze and are cut off.
//
//   --quick           the half that CI plays, in some minutes; writes nothing
//   --rows=text       only rows whose titles contain this; writes nothing
//   --pairs=a-b,…     only these: `accord-accord`, `accord-go`, `grpc-js-grpc-js`, …; writes nothing
//
// Exit code 1: calls were lost that mustn't be.
import { spawnSync } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "../..");
const args = process.argv.slice(2);

await build({
  entryPoints: ["main", "peer-process"].map((name) => join(here, `${name}.ts`)),
  outdir: join(here, "dist"),
  bundle: true,
  format: "esm",
  platform: "node",
  target: "node20",
  sourcemap: "linked",
  conditions: ["@accord-grpc/source"],
  // The runtime is bundled from its sources, as the peers import parts of it that nobody else does.
  plugins: [
    {
      name: "external",
      setup: ({ onResolve }) =>
        onResolve({ filter: /^[^./]/ }, ({ path }) =>
          path.startsWith("@accord-grpc/") ? undefined : { path, external: true },
        ),
    },
  ],
  logLevel: "warning",
});
const page = `--page=${join(root, "docs/wire.md")}`;
const { status } = spawnSync(process.execPath, ["--enable-source-maps", join(here, "dist/main.js"), page, ...args], {
  stdio: "inherit",
});
process.exitCode = status ?? 1;
