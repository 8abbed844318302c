import { connect } from "node:net";
import { create, toBinary } from "@bufbuild/protobuf";
import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { UNFIT } from "../../plugin/src/hostile-text.fixture.js";
import { MemoryLogger, startTestServer, type TestServer } from "../../runtime/src/testing/index.js";
import { ProbeRequestSchema } from "../../runtime/test-support/gen/probe/v1/probe_pb.js";
import { type ProbeClient, probeClient } from "../../runtime/test-support/probe-client.js";
import { bindProbe } from "../../runtime/test-support/probe-service.js";
import { RawHttp2 } from "../../runtime/test-support/raw-http2.js";
import { anyFrame, anyMessage, anyText, headerField, rawFrame } from "./raw-frames.js";

// Whatever comes over a connection, the process lives, its other callers are served, and no line is forged.

const METHODS = ["Unary", "ClientStream", "ServerStream", "BidiStream"] as const;
const times = Number(process.env.ATTACK_TIMES ?? 1);

const logger = new MemoryLogger();
const uncaught: unknown[] = [];
const keep = (error: unknown) => uncaught.push(error);
let server: TestServer;
let client: ProbeClient;

beforeAll(async () => {
  process.on("uncaughtException", keep);
  process.on("unhandledRejection", keep);
  server = await startTestServer(
    [
      bindProbe({
        unary: (request) => ({ id: request.id }),
        async clientStream(requests) {
          let count = 0n;
          for await (const _ of requests) {
            count++;
          }
          return { count };
        },
        async *serverStream(request) {
          yield { id: request.id };
        },
        async *bidiStream(requests) {
          for await (const request of requests) {
            yield { id: request.id };
          }
        },
      }),
    ],
    { logger },
  );
  client = probeClient(server.channel);
});
afterAll(async () => {
  await server.close();
  process.off("uncaughtException", keep);
  process.off("unhandledRejection", keep);
});

/** Sends what an attacker would, waits until it is answered or dropped, and looks whether the server still serves. */
async function attack(write: (peer: RawHttp2) => void): Promise<void> {
  const peer = new RawHttp2(server.address);
  write(peer);
  await new Promise<void>((resolve) => {
    peer.socket.once("close", resolve);
    setTimeout(resolve, 15);
  });
  peer.socket.destroy();
  expect((await client.unary({ id: "honest" })).id).toBe("honest");
  expect(uncaught).toEqual([]);
}

function expectHonestLines(): void {
  for (const { message, fields } of logger.lines) {
    // Values of fields are JSON to a log; the payload is text that it shows as it is.
    const line = `${message} ${String(fields.payload ?? "")}`;
    expect([UNFIT.exec(line), line.includes("\n")]).toEqual([null, false]);
  }
}

it("frames of all kinds, in any order", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyFrame, { minLength: 1, maxLength: 12 }), (frames) =>
      attack((peer) => peer.write(...frames)),
    ),
    { numRuns: 40 * times },
  );
});

it("calls whose messages are broken, cut off, or go on behind their end", async () => {
  const step = fc.oneof(
    anyMessage.map((message) => (stream: number) => rawFrame(0, 0, stream, message)),
    anyMessage.map((message) => (stream: number) => rawFrame(0, 1, stream, message)),
    fc.constantFrom(0, 2, 8, 11).map((code) => (stream: number) => RawHttp2.reset(stream, code)),
    fc.nat(2 ** 31 - 1).map((size) => (stream: number) => {
      const payload = Buffer.alloc(4);
      payload.writeUInt32BE(size);
      return rawFrame(8, 0, stream, payload);
    }),
  );
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...METHODS), fc.array(step, { maxLength: 6 }), (method, steps) =>
      attack((peer) => {
        peer.write(RawHttp2.headers(`/probe.v1.ProbeService/${method}`));
        for (const make of steps) {
          peer.write(make(1));
        }
      }),
    ),
    { numRuns: 40 * times },
  );
});

it("headers that no library would send, and requests that would forge lines", async () => {
  const name = fc.constantFrom(
    "x-a",
    "grpc-timeout",
    "grpc-encoding",
    "te",
    "x-request-id",
    "content-length",
    "a-bin",
    ":path",
    "X-UPPER",
    "traceparent",
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(name, anyText), { maxLength: 5 }),
      anyText,
      fc.constantFrom(...METHODS, "Nothing", "\n", ""),
      async (fields, id, method) => {
        logger.lines.length = 0;
        await attack((peer) => {
          const block = Buffer.concat([
            headerField(":method", "POST"),
            headerField(":scheme", "http"),
            headerField(":path", `/probe.v1.ProbeService/${method}`),
            headerField(":authority", "test"),
            headerField("content-type", "application/grpc"),
            headerField("te", "trailers"),
            ...fields.map(([key, value]) => headerField(key, value)),
          ]);
          const message = toBinary(
            ProbeRequestSchema,
            create(ProbeRequestSchema, { id, action: id, nested: { name: id } }),
          );
          const head = Buffer.alloc(5);
          head.writeUInt32BE(message.length, 1);
          peer.write(rawFrame(1, 4, 1, block), rawFrame(0, 1, 1, Buffer.concat([head, message])));
        });
        expectHonestLines();
      },
    ),
    { numRuns: 40 * times },
  );
});

it("bytes that aren't HTTP/2 at all", async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), async (bytes) => {
      const [host = "", port = ""] = server.address.split(":");
      const socket = connect(Number(port), host);
      socket.on("error", () => {});
      socket.end(bytes);
      await new Promise<void>((resolve) => {
        socket.once("close", resolve);
        setTimeout(resolve, 15);
      });
      socket.destroy();
      expect((await client.unary({ id: "honest" })).id).toBe("honest");
      expect(uncaught).toEqual([]);
    }),
    { numRuns: 20 * times },
  );
});
