import { once } from "node:events";
import { type AddressInfo, createServer, connect as netConnect, type Socket } from "node:net";
import { credentials, type Channel as GrpcChannel } from "@grpc/grpc-js";
import { afterEach, expect, it } from "vitest";
import { probeClient } from "../../test-support/probe-client.js";
import { ProbeUnavailableError } from "../../test-support/probe-errors.js";
import { FRAME, RawHttp2, readFrames } from "../../test-support/raw-http2.js";
import { startRawServer } from "../../test-support/raw-server.js";
import { buildChannel } from "../channel/channel.js";
import { MOST_RESENDS, resendRefusedCalls } from "./resent-calls.js";

const REFUSED_STREAM = 7;
const close: (() => void)[] = [];

afterEach(() => {
  for (const each of close.splice(0).reverse()) {
    each();
  }
});

/** What a server says that refuses a stream. */
type Refusal = (stream: number) => Buffer;
/** It stops: the stream before was the last that it took. */
const goAway: Refusal = (stream) => RawHttp2.goAway(Math.max(0, stream - 2));
/** It takes no more at a time. */
const reset: Refusal = (stream) => RawHttp2.reset(stream, REFUSED_STREAM);

/** A server that refuses its first streams, and serves what comes on new connections after that. */
async function startRefusing(times: number, refusal: Refusal): Promise<{ target: string; refused(): number }> {
  const backend = await startRawServer({ unary: (_call, callback) => callback(null, { id: "served" }) });
  let refused = 0;
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    if (refused >= times) {
      const behind = netConnect(backend.port, "127.0.0.1");
      behind.on("error", () => {});
      sockets.add(behind);
      socket.pipe(behind).pipe(socket);
      return;
    }
    socket.write(RawHttp2.settings());
    readFrames(socket, ({ type, stream }) => {
      if (type === FRAME.headers) {
        refused += 1;
        socket.write(refusal(stream));
      }
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  close.push(() => {
    for (const socket of sockets) {
      socket.destroy();
    }
    server.close();
    backend.close();
  });
  return { target: `127.0.0.1:${(server.address() as AddressInfo).port}`, refused: () => refused };
}

/** Calls a method that the service config doesn't have sent again. */
async function call(target: string): Promise<string> {
  const channel = buildChannel(target, {}, { credentials: credentials.createInsecure() });
  close.push(() => channel.close());
  return (await probeClient(channel).unary({}, { timeoutMs: 30_000 })).id;
}

it.each([1, 2, MOST_RESENDS])("a call that %i closing connections didn't take is served by the next", async (times) => {
  const server = await startRefusing(times, goAway);
  expect(await call(server.target)).toBe("served");
  expect(server.refused()).toBe(times);
});

it("a call isn't sent again for ever: gRPC's own time comes after ours, and then it fails", async () => {
  const server = await startRefusing(Number.POSITIVE_INFINITY, goAway);
  await expect(call(server.target)).rejects.toBeInstanceOf(ProbeUnavailableError);
  expect(server.refused()).toBe(1 + MOST_RESENDS + 1);
});

it("a server that refuses a stream and stays is asked once more, and not again", async () => {
  const server = await startRefusing(Number.POSITIVE_INFINITY, reset);
  await expect(call(server.target)).rejects.toBeInstanceOf(ProbeUnavailableError);
  expect(server.refused()).toBe(2);
});

it("a channel of another version of grpc-js stays as it is", () => {
  expect(() => resendRefusedCalls({} as GrpcChannel)).not.toThrow();
  const internalChannel = { createRetryingCall: () => ({}) };
  resendRefusedCalls({ internalChannel } as unknown as GrpcChannel);
  expect(internalChannel.createRetryingCall()).toEqual({});
});
