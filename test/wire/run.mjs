// `npm run wire`: plays calls over wires with delay, little bandwidth, loss and silence, and with backends that pause, freeze, are
// cut off, killed, restarted, out of order and overloaded.
//
//   --quick           the half that CI plays, in some minutes; writes nothing
//   --rows=text       only rows whose titles contain this, in place of what the table has of them; may be given several times
//   --pairs=a-b,…     only these: `accord-accord`, `accord-go`, `grpc-js-grpc-js`, …, in place of what the table has of them
//   --page=file       a page with a table between `<!-- wire: table -->` and `<!-- /wire -->`; default: docs/wire.md and docs/proof.md
//   --print           writes nothing
//   --user-space      without a network namespace, as where one may make none
//
// Exit code 1: calls were lost that mustn't be.
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
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

/** Builds grpc-go's peer. Returns an empty path where there is no Go. */
function goPeer() {
  const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache");
  const program = join(cache, "accord-proof/wire-go/wire");
  try {
    mkdirSync(dirname(program), { recursive: true });
    // Go's own cache knows whether there is anything to do.
    execFileSync("go", ["build", "-o", program, "."], {
      cwd: join(here, "go"),
      stdio: ["ignore", "ignore", "inherit"],
    });
    return program;
  } catch {
    return "";
  }
}

/** What runs a program in a network namespace of its own, if one may make one and change its wires. */
function namespace() {
  const enter = ["unshare", "--net", "--map-root-user"];
  const check =
    "ip link add a1 type veth peer name b1 && tc qdisc add dev lo root tbf rate 1mbit burst 3000 limit 15000";
  const [command, ...rest] = enter;
  const isThere = spawnSync(command, [...rest, "sh", "-c", check], { stdio: "ignore" }).status === 0;
  return isThere && !args.includes("--user-space") ? enter : [];
}

const versions = {
  Node: process.versions.node,
  "grpc-go": /google\.golang\.org\/grpc v(\S+)/.exec(readFileSync(join(here, "go/go.mod"), "utf8"))?.[1],
  "grpc-js": JSON.parse(readFileSync(join(root, "node_modules/@grpc/grpc-js/package.json"), "utf8")).version,
};
const enter = namespace();
const pages = args.some((arg) => arg.startsWith("--page="))
  ? []
  : ["wire", "proof"].map((name) => `--page=${join(root, `docs/${name}.md`)}`);
const out = args.includes("--print") ? [] : [`--out=${join(root, "docs/wire")}`, ...pages];
const [command, ...rest] = [
  ...enter,
  process.execPath,
  "--enable-source-maps",
  join(here, "dist/main.js"),
  ...out,
  ...args,
];
const { status } = spawnSync(command, rest, {
  stdio: "inherit",
  env: {
    ...process.env,
    WIRE_GO_PEER: goPeer(),
    WIRE_NAMESPACE: enter.length > 0 ? "1" : "",
    WIRE_VERSIONS: JSON.stringify(versions),
  },
});
process.exitCode = status ?? 1;
