import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { join } from "node:path";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { anyPack, FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { CheckRequestSchema } from "../../../plugin/src/buf-plugin/gen/buf/plugin/check/v1/check_service_pb.js";
import { RequestSchema } from "../../../plugin/src/buf-plugin/gen/pluginrpc/v1/pluginrpc_pb.js";
import type { ProtoFolder } from "../../../plugin/src/cli/cli.fixture.js";
import { LanguageClient, type Underlined } from "../../editor/language-client.js";
import { pluginProject } from "../../editor/workspace.js";

const ROUNDS = Number(process.argv[2] ?? 15);
const ROOT = process.cwd();
const PLUGIN = join(ROOT, "plugin/bin/buf-plugin-accord");
const EXAMPLE = join(ROOT, "example/proto");
const LEDGER = "protos/ledger/v1/ledger.proto";

const project = exampleProject();
const [load = 0] = loadavg();
process.stdout.write(
  `Node ${process.versions.node}, ${cpus().length} × ${cpus()[0]?.model}, load ${load.toFixed(1)}, ${ROUNDS} rounds\n`,
);
try {
  measureStarts(checkRequest(project));
  await measureKeystrokes();
} finally {
  project.remove();
}

function exampleProject(): ProtoFolder {
  const paths = readdirSync(EXAMPLE, { recursive: true })
    .map(String)
    .filter((path) => path.endsWith(".proto"));
  return pluginProject(
    Object.fromEntries(paths.map((path) => [`protos/${path}`, readFileSync(join(EXAMPLE, path), "utf8")])),
  );
}

/** What buf sends for the example, all of whose files are the user's. */
function checkRequest({ path }: ProtoFolder): Uint8Array {
  const buf = join(ROOT, "node_modules/@bufbuild/buf/bin/buf");
  const { stdout } = spawnSync(process.execPath, [buf, "build", "--as-file-descriptor-set", "-o", "-"], { cwd: path });
  const fileDescriptors = fromBinary(FileDescriptorSetSchema, stdout).file.map((fileDescriptorProto) => ({
    fileDescriptorProto,
    isImport: !fileDescriptorProto.name.startsWith("ledger/") && !fileDescriptorProto.name.startsWith("payments/"),
  }));
  const value = anyPack(CheckRequestSchema, create(CheckRequestSchema, { fileDescriptors }));
  return toBinary(RequestSchema, create(RequestSchema, { value }));
}

function measureStarts(request: Uint8Array): void {
  const programs = {
    "node, an empty program": [process.execPath, "-e", "0"],
    "the plugin, --spec": [PLUGIN, "--spec"],
    "the plugin by Node, --spec": [process.execPath, `${PLUGIN}.cjs`, "--spec"],
    "the plugin, a check of the example": [PLUGIN, "/buf.plugin.check.v1.CheckService/Check"],
  };
  const names = Object.keys(programs);
  const rounds = Array.from({ length: ROUNDS + 1 }, () =>
    Object.values(programs).map((command) => runOnce(command, request)),
  ).slice(1); // the first fills caches
  for (const kind of ["elapsed", "processor"] as const) {
    for (const [index, name] of names.entries()) {
      const onTop = rounds.map((round) => (round[index]?.[kind] ?? 0) - (round[0]?.[kind] ?? 0));
      const values = index === 0 ? rounds.map(([node]) => node?.[kind] ?? 0) : onTop;
      print(`${name}, ${kind} time`, values, index === 0 ? "" : "on top of that, ");
    }
  }
}

/** Milliseconds. The processor's time says something on a busy machine, too. */
interface Cost {
  readonly elapsed: number;
  readonly processor: number;
}

function runOnce(command: readonly string[], input: Uint8Array): Cost {
  const started = performance.now();
  const script = '"$0" "$@" > /dev/null && times';
  const options = { input, cwd: project.path, encoding: "utf8" } as const;
  const { status, stdout, stderr } = spawnSync("bash", ["-c", script, ...command], options);
  if (status !== 0) {
    throw new Error(`${command.join(" ")}: ${stderr}`);
  }
  const elapsed = performance.now() - started;
  const [, children = ""] = stdout.trim().split("\n");
  const seconds = [...children.matchAll(/(\d+)m([\d.]+)s/g)].map(([, m, s]) => Number(m) * 60 + Number(s));
  return { elapsed, processor: seconds.reduce((a, b) => a + b, 0) * 1000 };
}

async function measureKeystrokes(): Promise<void> {
  const text = project.read(LEDGER);
  const editor = await LanguageClient.open(project.path);
  const isOurs = ({ code = "" }: Underlined): boolean => code.startsWith("ACCORD_DURATION");
  const shown: number[] = [];
  try {
    for (let round = 0; round <= ROUNDS; round++) {
      // Each round is another mistake, so that what is underlined is its own.
      const wrong = text.replace('timeout: "', `timeout: "${"x".repeat(round + 1)}`);
      const own = (found: Underlined): boolean => isOurs(found) && found.message.includes(`"${"x".repeat(round + 1)}`);
      const started = performance.now();
      await editor.type(LEDGER, wrong, (found) => own(found) && !found.message.includes("x".repeat(round + 2)));
      shown.push(performance.now() - started);
    }
  } finally {
    editor.close();
  }
  print("from a keystroke to the squiggle", shown.slice(1), "");
}

function print(what: string, milliseconds: readonly number[], how: string): void {
  const sorted = [...milliseconds].sort((a, b) => a - b);
  const at = (part: number): string => (sorted[Math.round((sorted.length - 1) * part)] ?? 0).toFixed(0);
  process.stdout.write(`${what}: ${how}median ${at(0.5)} ms (${at(0)}–${at(1)})\n`);
}
