// A peer of Node's, `accord` or `grpc-js`, with default options: it serves and calls as the lines on its stdin say (see ../../peers.ts).
import { setTimeout as pause } from "node:timers/promises";
import { status } from "@grpc/grpc-js";
import { createServer } from "../../../../runtime/src/server/server.js";
import { silentLogger } from "../../../../runtime/src/testing/call-context.js";
import { ProbeService } from "../../../../runtime/test-support/gen/probe/v1/probe_pb.js";
import { insecureChannel, probeClient } from "../../../../runtime/test-support/probe-client.js";
import { bindProbe } from "../../../../runtime/test-support/probe-service.js";
import { RawClient } from "../../../../runtime/test-support/raw-client.js";
import { startRawServer } from "../../../../runtime/test-support/raw-server.js";
import { serveCommands, tell } from "../../../e2e/programs/commands.js";
import type { CallsToMake } from "../../peers.js";

interface Request {
  readonly id: string;
}

/** Waits, and answers, as the request says. */
async function answer({ id }: Request): Promise<{ padding: Uint8Array }> {
  const [waitMs, size] = id.split(" ").map(Number);
  await pause(waitMs);
  return { padding: new Uint8Array(size ?? 0) };
}

async function serveAccord(): Promise<number> {
  const servicer = {
    unary: answer,
    async *serverStream(request: Request) {
      yield await answer(request);
    },
  };
  const server = createServer([bindProbe(servicer)], { logger: silentLogger, handleSignals: false });
  return (await server.start("127.0.0.1:0")).port;
}

async function serveGrpcJs(): Promise<number> {
  const server = await startRawServer({
    unary: ({ request }, callback) => void answer(request).then((response) => callback(null, response)),
    serverStream: (call) =>
      void answer(call.request).then((response) => {
        call.write(response);
        call.end();
      }),
  });
  return server.port;
}

const TIMEOUT_MS = 300_000;

/** Calls of one client: each ends with OK, or throws. */
interface Client {
  readonly one: () => Promise<unknown>;
  close(): void;
}

function accordClient(work: CallsToMake, request: object): Client {
  const { keepaliveMs, target } = work;
  const policy = { loadBalancingConfig: [{ round_robin: {} }] };
  const channel = insecureChannel(
    target,
    policy,
    keepaliveMs === undefined ? {} : { keepalive: keepaliveOf(keepaliveMs) },
  );
  const client = probeClient(channel);
  const read = async (): Promise<void> => {
    for await (const _ of client.serverStream(request, { timeoutMs: TIMEOUT_MS })) {
      // Its end is of interest.
    }
  };
  const one = work.stream ? read : () => client.unary(request, { timeoutMs: TIMEOUT_MS });
  return { one, close: () => channel.close() };
}

const keepaliveOf = (timeMs: number) => (timeMs === 0 ? "off" : { timeMs, timeoutMs: 20_000 });

function grpcJsClient(work: CallsToMake, request: object): Client {
  const { keepaliveMs, target } = work;
  const client = new RawClient(target, keepaliveMs === undefined ? {} : { "grpc.keepalive_time_ms": keepaliveMs });
  const method = work.stream ? ProbeService.method.serverStream : ProbeService.method.unary;
  const one = async (): Promise<void> => {
    const { code, details, responses } = await client.call(method, [request], { deadline: Date.now() + TIMEOUT_MS });
    if (code !== status.OK || responses.length !== 1) {
      throw new Error(`${status[code]}: ${details}, ${responses.length} responses`);
    }
  };
  return { one, close: () => client.close() };
}

async function call(work: CallsToMake): Promise<readonly string[]> {
  const { count, everyMs, requestBytes, responseBytes, waitMs } = work;
  const request = { id: `${waitMs} ${responseBytes}`, padding: new Uint8Array(requestBytes) };
  const { one, close } = (kind === "accord" ? accordClient : grpcJsClient)(work, request);
  const ends: Promise<string>[] = [];
  for (let made = 0; made < count; made += 1) {
    ends.push(
      one().then(
        () => "OK",
        (error: unknown) => String(error),
      ),
    );
    if (everyMs > 0) {
      await pause(everyMs);
    }
  }
  const all = await Promise.all(ends);
  close();
  return all;
}

const [kind] = process.argv.slice(2);
serveCommands({ serve: kind === "accord" ? serveAccord : serveGrpcJs, call });
// It stays, whatever it has to do.
setInterval(() => {}, 60_000);
tell("ready");
