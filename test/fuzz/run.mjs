// `npm run fuzz`: throws HTTP/2 frames at a generated server and at generated clients, each in a process of its own: valid ones in
// any order, cut off, repeated, in one segment and byte by byte. The process must live, answer others, keep to its memory, and end
// well. At a server that speaks HTTP/1.1 beside HTTP/2, it throws what both speak, mixed and wrong; calls by gRPC, Connect and gRPC-Web
// must be answered beside it, and no request may be served that hides in another one. Before it, the faults of Node's that are known are shown: the process dies without what is done about them, and lives with it.
//
//   --node=20,22,24,26   majors, or paths of a Node; `all`: these four; default: the Node that runs
//   --side=server,client,web
//   --seconds=15         for each Node and side
//   --seed=n             as it is printed; default: a new one
//   --without=name,…     what is found when these source files do nothing: fault-poisoned-goaway, end-after-streams
//   --no-faults          only the frames
//
// Exit code 1: something was found.
import { spawnSync } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { runtimeSources } from "../../scripts/runtime-sources.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "../..");
// As deep as its sources, which find the repository from where they are.
const bundle = join(root, "test/dist/fuzz.mjs");
await build({
  entryPoints: [join(here, "main.ts")],
  outfile: bundle,
  bundle: true,
  format: "esm",
  platform: "node",
  target: "node20",
  packages: "external",
  sourcemap: "inline",
  alias: runtimeSources(join(root, "runtime")),
  logLevel: "warning",
});
const { status } = spawnSync(process.execPath, ["--enable-source-maps", bundle, ...process.argv.slice(2)], {
  stdio: "inherit",
});
process.exitCode = status ?? 1;
