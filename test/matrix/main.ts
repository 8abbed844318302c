import { spawn } from "node:child_process";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { MAJORS, nodeBinary } from "../fuzz/node-binary.js";
import { NOT_RUN } from "./not-run.js";
import { installed, REPOSITORY, repositoryWith } from "./peers.js";
import { commandOf, OTHER_RUNTIMES, type OtherRuntime } from "./runtimes.js";

/** What touches Node's and grpc-js's behaviour. */
const TOUCHING = ["channel", "client", "grpc-js", "in-process", "packages", "server", "telemetry", "testing"].map(
  (room) => `runtime/src/${room}/`,
);
const LONG = [...TOUCHING, "test/e2e/"];
const SHORT = [
  "runtime/src/channel/tls-credentials.test.ts",
  "runtime/src/client/client-call.test.ts",
  "runtime/src/grpc-js/",
  "runtime/src/packages/",
  "runtime/src/server/served-calls.test.ts",
  "runtime/src/server/server.test.ts",
  "test/e2e/grpc-js-facts/server.test.ts",
];

/** The versions of TypeScript that generated code is compiled with. */
const TYPESCRIPTS = ["5.4", "5.6", "5.9", "6", "7"];

/** Those that don't know `Uint8Array<ArrayBuffer>`. */
const GENERIC_ARRAYS_MISSING: ReadonlySet<string> = new Set(["5.4", "5.6"]);

/** What the short form has of each. */
const CI = { nodes: ["22", "26"], peers: ["lowest"], typescripts: ["5.4", "6"] };

type Peers = "lowest" | "newest";

/** A row of the matrix: what it is called, and what tries it. Resolves with whether all went well. */
interface Row {
  readonly name: string;
  /** @throws {Error} if what it needs can't be had */
  readonly prepare: () => Promise<readonly string[]>;
  readonly cwd: () => Promise<string>;
}

const { values } = parseArgs({
  options: {
    short: { type: "boolean", default: false },
    node: { type: "string" },
    peers: { type: "string" },
    typescript: { type: "string" },
    runtimes: { type: "string" },
  },
});

function listOf(given: string | undefined, standard: readonly string[]): readonly string[] {
  return given === undefined ? standard : given.split(",").filter(Boolean);
}

const copies = new Map<Peers, Promise<string>>();

function repository(peers: Peers): Promise<string> {
  const copy = copies.get(peers) ?? repositoryWith(peers);
  copies.set(peers, copy);
  return copy;
}

function testRow(major: string, peers: Peers): Row {
  return {
    name: `Node ${major}, ${peers} peers`,
    prepare: async () => [
      await nodeBinary(major),
      join(await repository(peers), "node_modules/vitest/vitest.mjs"),
      ...["run", "--reporter=dot", ...(values.short ? SHORT : LONG)],
    ],
    cwd: () => repository(peers),
  };
}

/** @param project with the types of Node, or of a page */
function typeScriptRow(version: string, project: "tsconfig.json" | "tsconfig.web.json"): Row {
  return {
    name: `TypeScript ${version}${project === "tsconfig.json" ? "" : ", for pages"}`,
    prepare: async () => [
      process.execPath,
      join(await installed(`typescript-${version}`, [`typescript@${version}`]), "typescript/bin/tsc"),
      ...["-p", join(REPOSITORY, "test/matrix", project)],
      // protobuf-es's own types have been beyond it since 2.14: whoever uses it has them skipped.
      ...(GENERIC_ARRAYS_MISSING.has(version) ? ["--skipLibCheck"] : []),
    ],
    cwd: async () => REPOSITORY,
  };
}

function runtimeRow(runtime: OtherRuntime): Row {
  return {
    name: `${runtime.name}, gRPC's interoperability tests`,
    prepare: async () => [
      process.execPath,
      join(REPOSITORY, "test/matrix/dist/interop.mjs"),
      ...(await commandOf(runtime)),
    ],
    cwd: async () => REPOSITORY,
  };
}

const rows: readonly Row[] = [
  ...OTHER_RUNTIMES.filter(({ name }) =>
    listOf(
      values.runtimes,
      OTHER_RUNTIMES.map((runtime) => runtime.name),
    ).includes(name),
  ).map(runtimeRow),
  ...listOf(values.typescript, values.short ? CI.typescripts : TYPESCRIPTS).flatMap((version) =>
    (["tsconfig.json", "tsconfig.web.json"] as const).map((project) => typeScriptRow(version, project)),
  ),
  ...listOf(values.peers, values.short ? CI.peers : ["lowest", "newest"]).flatMap((peers) =>
    listOf(values.node, values.short ? CI.nodes : MAJORS).map((major) => testRow(major, peers as Peers)),
  ),
];

const results: string[] = [];
let failed = 0;
for (const row of rows) {
  let command: readonly string[];
  let cwd: string;
  try {
    command = await row.prepare();
    cwd = await row.cwd();
  } catch (error) {
    results.push(`${row.name}: skipped, since it can't be had (${firstLine(error)})`);
    continue;
  }
  process.stdout.write(`== ${row.name}\n`);
  const code = await exitCode(command, cwd);
  if (code === NOT_RUN) {
    results.push(`${row.name}: skipped, for the reason above`);
    continue;
  }
  results.push(`${row.name}: ${code === 0 ? "passed" : "FAILED"}`);
  failed += code === 0 ? 0 : 1;
}
process.stdout.write(`\n${results.join("\n")}\n`);
if (values.short) {
  process.stdout.write(
    "The short form leaves out Node 20 and 24, the newest peers and TypeScript 5.6, 5.9 and 7: `npm run matrix` has them.\n",
  );
}
process.exitCode = failed === 0 ? 0 : 1;

function exitCode([program = "", ...args]: readonly string[], cwd: string): Promise<number | null> {
  const child = spawn(program, args, { cwd, stdio: "inherit" });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).trim().split("\n").at(-1) ?? "";
}
