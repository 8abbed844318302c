// `npm run rollout`: plays a rollout with real processes and a real DNS server, and checks what it cost.
//
//   --short        the same steps with shortened times, within a minute; writes nothing
//   --clients=…    beside ours, at once and against the same servers: grpc-js, go, go-1.60, go-1.34, python, python-1.60, java,
//                  java-1.60, or all; what isn't on this machine is left out, with a line that says so
//   --tls          the same over TLS
//   --weights      instead: how many calls a backend of half the speed gets under weighted round robin; half a minute
//   --out=folder   where rollout.json and rollout.svg go; default: docs/rollout, unless it is short. A page beside the
//                  folder, docs/rollout.md, gets the figures. With several clients or TLS: their table, and clients-….json.
//
// Exit code 1: a check failed. 2: it can't be played on this machine. 3: the machine was too slow for what failed to say anything.
import { spawnSync } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { runtimeSources } from "../../scripts/runtime-sources.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "../..");
const args = process.argv.slice(2);
const program = args.includes("--weights") ? "weights.js" : "main.js";
if (!args.includes("--short") && !args.some((arg) => arg.startsWith("--out="))) {
  args.push(`--out=${join(root, "docs/rollout")}`);
}

await build({
  entryPoints: ["main", "server-process", "client-process", "grpc-js-client", "weights", "weights-backend"].map(
    (name) => join(here, `${name}.ts`),
  ),
  outdir: join(here, "dist"),
  bundle: true,
  format: "esm",
  platform: "node",
  target: "node20",
  packages: "external",
  sourcemap: "linked",
  alias: runtimeSources(join(root, "runtime")),
  logLevel: "warning",
});
const { status } = spawnSync(process.execPath, ["--enable-source-maps", join(here, "dist", program), ...args], {
  stdio: "inherit",
});
process.exitCode = status ?? 1;
