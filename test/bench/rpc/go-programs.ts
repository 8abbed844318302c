import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { create, toBinary } from "@bufbuild/protobuf";
import { need, run } from "../../proof/command.js";
import { goInstall } from "../../proof/go.js";
import {
  ImportEntriesRequestSchema,
  ListEntriesRequestSchema,
  PingRequestSchema,
  TransferRequestSchema,
} from "./gen/es/bench/v1/bench_pb.js";
import type { LoadResult } from "./load.js";
import type { Usage } from "./messages.js";
import { TOO_MUCH, TRANSFER } from "./payloads.js";
import { type CallKind, type Scenario, STREAM_MESSAGES } from "./scenario.js";
import type { ClientSide, ServerSide } from "./side.js";
import { LARGE_REQUEST, transferInit } from "./subjects/es-messages.js";

const GHZ_VERSION = "v0.93.0";
const PROTOC_GEN_GO_VERSION = "v1.36.12";
const PROTOC_GEN_GO_GRPC_VERSION = "v1.6.2";

/** Paths of what Go has built for the bench. */
export interface GoPrograms {
  readonly server: string;
  readonly ghz: string;
  /** The bench's descriptors and requests, for ghz. */
  readonly requests: string;
}

/**
 * Builds a server on grpc-go, and ghz.
 *
 * @param folder the bench's, with its `go.mod`
 * @throws {NotRun} without Go, or if they can't be built
 */
export async function goPrograms(folder: string): Promise<GoPrograms> {
  const ghz = await goInstall("github.com/bojand/ghz/cmd/ghz", GHZ_VERSION);
  const plugins = [
    await goInstall("google.golang.org/protobuf/cmd/protoc-gen-go", PROTOC_GEN_GO_VERSION),
    await goInstall("google.golang.org/grpc/cmd/protoc-gen-go-grpc", PROTOC_GEN_GO_GRPC_VERSION),
  ];
  const module = join(folder, "rpc/go");
  const modules = { version: "v2", modules: [{ path: "proto" }, { path: "test/bench/rpc/proto" }] };
  const template = {
    version: "v2",
    clean: true,
    managed: { enabled: true, override: [{ file_option: "go_package_prefix", value: "accord-bench/gen" }] },
    plugins: plugins.map((local) => ({
      local,
      out: join(module, "gen"),
      opt: "paths=source_relative",
      include_imports: true,
    })),
  };
  const root = join(folder, "../..");
  const buf = join(root, "node_modules/.bin/buf");
  const config = ["--config", JSON.stringify(modules)];
  await need("Generating Go", buf, ["generate", ...config, "--template", JSON.stringify(template)], { cwd: root });
  const server = join(folder, "rpc/build/bench-server");
  await need("Building the server on grpc-go", "go", ["build", "-o", server, "."], { cwd: module });
  const requests = join(folder, "rpc/build/requests");
  mkdirSync(requests, { recursive: true });
  await need(
    "Writing descriptors",
    buf,
    ["build", ...config, "--as-file-descriptor-set", "-o", join(requests, "bench.binpb")],
    {
      cwd: root,
    },
  );
  for (const [kind, { bytes }] of Object.entries(GHZ_CALLS)) {
    writeFileSync(join(requests, `${kind}.bin`), bytes);
  }
  return { server, ghz, requests };
}

/** Starts grpc-go's server. It answers each line of its stdin with what it has used. */
export async function startGoServer(programs: GoPrograms | undefined): Promise<ServerSide> {
  const child = spawn(builtIn(programs).server, { stdio: ["pipe", "pipe", "inherit"] });
  const ended = once(child, "exit").then(([code]) => {
    throw new Error(`grpc-go's server ended with exit code ${code}`);
  });
  ended.catch(() => {});
  const lines = createInterface(child.stdout);
  const next = async () => String(await Promise.race([once(lines, "line").then(([line]) => line), ended]));
  const port = Number(/^listening on (\d+)$/.exec(await next())?.[1]);
  return {
    port,
    async usage(): Promise<Usage> {
      const answered = next();
      child.stdin.write("usage\n");
      return JSON.parse(await answered) as Usage;
    },
    async stop(): Promise<void> {
      child.stdin.end();
      await ended.catch(() => {});
    },
  };
}

/** How ghz makes each kind of call. */
const GHZ_CALLS: Readonly<
  Record<CallKind, { readonly method: string; readonly status: string; readonly bytes: Uint8Array }>
> = {
  empty: { method: "Ping", status: "OK", bytes: toBinary(PingRequestSchema, create(PingRequestSchema)) },
  small: { method: "Transfer", status: "OK", bytes: transferBytes(TRANSFER.amount) },
  large: { method: "ImportEntries", status: "OK", bytes: toBinary(ImportEntriesRequestSchema, LARGE_REQUEST) },
  stream: {
    method: "ListEntries",
    status: "OK",
    bytes: toBinary(
      ListEntriesRequestSchema,
      create(ListEntriesRequestSchema, { requestId: TRANSFER.requestId, count: STREAM_MESSAGES }),
    ),
  },
  error: { method: "Transfer", status: "FailedPrecondition", bytes: transferBytes(TOO_MUCH) },
};

function transferBytes(amount: number): Uint8Array {
  return toBinary(TransferRequestSchema, create(TransferRequestSchema, transferInit(amount)));
}

/** ghz, which is started for each round anew. */
export function startGhz(programs: GoPrograms | undefined, port: number): ClientSide {
  const { ghz, requests } = builtIn(programs);
  const call = async ({ kind, concurrency }: Scenario, amount: readonly string[]): Promise<LoadResult> => {
    const { method, status, bytes } = GHZ_CALLS[kind];
    const { code, stdout, stderr } = await run(ghz, [
      ...["--insecure", "--protoset", join(requests, "bench.binpb"), "--call", `bench.v1.BenchService.${method}`],
      // ghz breaks off at a file without bytes.
      ...(bytes.byteLength === 0 ? ["--data", "{}"] : ["--binary-file", join(requests, `${kind}.bin`)]),
      ...["--concurrency", String(concurrency), "--connections", "1"],
      ...["--format", "json", "--count-errors", ...amount],
      `127.0.0.1:${port}`,
    ]);
    if (code !== 0) {
      throw new Error(`ghz ended with ${code}: ${stderr.slice(-500)}`);
    }
    return ghzResult(stdout, status);
  };
  return {
    async warmUp(scenario: Scenario, calls: number): Promise<void> {
      await call(scenario, ["--total", String(Math.max(calls, scenario.concurrency))]);
    },
    // It opens one each time.
    ready: async () => {},
    load: (scenario: Scenario, seconds: number) =>
      call(scenario, ["--duration", `${seconds}s`, "--duration-stop", "wait"]),
    usage: async () => undefined,
    stop: async () => {},
  };
}

interface GhzReport {
  readonly count: number;
  /** Nanoseconds. */
  readonly total: number;
  readonly latencyDistribution: readonly { readonly percentage: number; readonly latency: number }[];
  readonly statusCodeDistribution: Readonly<Record<string, number>>;
}

function ghzResult(text: string, status: string): LoadResult {
  const { count, total, latencyDistribution, statusCodeDistribution } = JSON.parse(text) as GhzReport;
  if (statusCodeDistribution[status] !== count) {
    throw new Error(`Not all calls ended with ${status}: ${JSON.stringify(statusCodeDistribution)}`);
  }
  const quantile = (wanted: number) =>
    (latencyDistribution.find(({ percentage }) => percentage === wanted)?.latency ?? 0) / 1e6;
  return { calls: count, seconds: total / 1e9, p50: quantile(50), p99: quantile(99) };
}

function builtIn(programs: GoPrograms | undefined): GoPrograms {
  if (programs === undefined) {
    throw new Error("Go's programs weren't built");
  }
  return programs;
}
