import { once } from "node:events";
import { type ClientHttp2Session, connect } from "node:http2";
import { setTimeout as delay } from "node:timers/promises";
import { create, toBinary } from "@bufbuild/protobuf";
import { afterEach, expect, it } from "vitest";
import { ProbeRequestSchema } from "../../runtime/test-support/gen/probe/v1/probe_pb.js";
import { insecureChannel, probeClient } from "../../runtime/test-support/probe-client.js";
import { ChildProcess } from "../e2e/child-process.js";
import { bundleProgram } from "../e2e/node-program.js";
import { MAJORS, nodeBinary } from "../fuzz/node-binary.js";

// What requests cost a server that come all at once, each as large as it may be. `npm run soak` waits for all of them, on each Node.

const SOAK = process.env.ACCORD_SOAK !== undefined;
const NODES = SOAK ? MAJORS : ["this"];
const CONNECTIONS = [1, 100];

const MiB = 1024 * 1024;
/** What generated manifests give a pod. */
const MOST_BYTES = 256 * MiB;
const STREAMS = 1000;
const UNTIL = SOAK ? STREAMS : 10;
const REQUEST = largestRequest();

function largestRequest(): Buffer {
  // A message with its head: five bytes, and the field's own tag and length.
  const message = toBinary(ProbeRequestSchema, create(ProbeRequestSchema, { padding: new Uint8Array(4 * MiB - 5) }));
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.byteLength, 1);
  return Buffer.concat([head, message]);
}

const open: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) {
    await close();
  }
});

async function connection(address: string): Promise<ClientHttp2Session> {
  const session = connect(`http://${address}`, { peerMaxConcurrentStreams: STREAMS, maxSessionMemory: 1_000_000 });
  session.on("error", () => {});
  open.push(() => session.destroy());
  await once(session, "remoteSettings");
  return session;
}

/** Sends the request, and tells what the call ended with. */
async function send(session: ClientHttp2Session): Promise<unknown> {
  const stream = session.request({
    ":method": "POST",
    ":path": "/probe.v1.ProbeService/Unary",
    "content-type": "application/grpc",
    te: "trailers",
  });
  stream.on("error", () => {});
  stream.resume();
  let status: unknown;
  stream.on("response", (headers) => {
    status = headers["grpc-status"];
  });
  stream.on("trailers", (trailers) => {
    status = trailers["grpc-status"];
  });
  stream.end(REQUEST);
  await once(stream, "close");
  return status;
}

/** Other callers' calls, one after the other, until it is told that this was all. */
function otherCalls(address: string): () => Promise<number> {
  const channel = insecureChannel(address);
  open.push(() => channel.close());
  const client = probeClient(channel, {}, { timeoutMs: 60_000 });
  let isOver = false;
  const calls = (async () => {
    let count = 0;
    for (; !isOver; count += 1) {
      await client.unary({ id: "other" });
      await delay(50);
    }
    return count;
  })();
  return () => {
    isOver = true;
    return calls;
  };
}

const rows = NODES.flatMap((node) => CONNECTIONS.map((count) => ({ node, count })));
it.each(rows)(
  `${STREAMS} requests of 4 MiB over $count connections fit into a pod, and other calls go on: Node $node`,
  async ({ node, count }) => {
    const binary = node === "this" ? process.execPath : await nodeBinary(node);
    const server = new ChildProcess(binary, [await bundleProgram("soak/flooded.ts")]);
    open.push(() => server.kill());
    const address = String((await server.event("listening")).address);
    const sessions = await Promise.all(Array.from({ length: count }, () => connection(address)));
    const others = otherCalls(address);
    const statuses: unknown[] = [];
    await new Promise<void>((resolve) => {
      for (let index = 0; index < STREAMS; index += 1) {
        const session = sessions[index % count];
        void (session && send(session))?.then((status) => {
          if (statuses.push(status) === UNTIL) {
            resolve();
          }
        });
      }
    });
    expect(statuses.slice(0, UNTIL)).toEqual(Array.from({ length: UNTIL }, () => "0"));
    expect(await others()).toBeGreaterThan(0);
    const peak = await server.ask<number>("peak");
    if (SOAK) {
      const told = `${Math.round(peak / MiB)} MiB at most`;
      process.stderr.write(`Node ${node}: ${STREAMS} requests of 4 MiB over ${count} connections: ${told}\n`);
    }
    expect(peak).toBeLessThan(MOST_BYTES);
  },
);
