import { randomBytes } from "node:crypto";
import { connect, createServer } from "node:http2";
import type { AddressInfo } from "node:net";
import { deflateSync, gunzipSync, gzipSync } from "node:zlib";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { compressionAlgorithms, status as GrpcStatus } from "@grpc/grpc-js";
import { afterEach, describe, expect, it } from "vitest";
import { ProbeRequestSchema, ProbeResponseSchema } from "../../test-support/gen/probe/v1/probe_pb.js";
import { insecureChannel, probeClient } from "../../test-support/probe-client.js";
import { callOnce, KINDS, servicerOf } from "../../test-support/probe-kinds.js";
import { bindProbe, type ProbeServicer } from "../../test-support/probe-service.js";
import { histogramPoints, registerTestSdk } from "../../test-support/telemetry.js";
import type { CallContext } from "../call/call-context.js";
import { MemoryLogger, startTestServer, type TestServer, type TestServerOptions } from "../testing/index.js";

// grpc-js compresses requests if its channel is told to; servers responses, if the contract or the handler says so.

const MiB = 1024 * 1024;

let server: TestServer;
let logger: MemoryLogger;

afterEach(() => server.close());

async function serve(servicer: ProbeServicer, options: TestServerOptions = {}): Promise<void> {
  logger = new MemoryLogger();
  server = await startTestServer([bindProbe(servicer)], { logger, ...options });
}

const sizes: ProbeServicer = {
  unary: ({ padding }) => ({ count: BigInt(padding.byteLength) }),
  async clientStream(requests) {
    let count = 0n;
    for await (const { padding } of requests) {
      count += BigInt(padding.byteLength);
    }
    return { count };
  },
  async *serverStream({ padding }) {
    yield { count: BigInt(padding.byteLength) };
  },
  async *bidiStream(requests) {
    for await (const { padding } of requests) {
      yield { count: BigInt(padding.byteLength) };
    }
  },
};

const paddedWith = (bytes: number): Uint8Array =>
  toBinary(ProbeRequestSchema, create(ProbeRequestSchema, { padding: new Uint8Array(bytes) }));

/** What a server answers to requests of any bytes. */
interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: Buffer;
}

/** Sends messages to the bidirectional method, each framed and marked as compressed. */
function send(
  encoding: string | undefined,
  messages: readonly Uint8Array[],
  method = "BidiStream",
  headers: Record<string, string> = {},
): Promise<Answer> {
  const session = connect(`http://${server.address}`);
  const stream = session.request({
    ":method": "POST",
    ":path": `/probe.v1.ProbeService/${method}`,
    "content-type": "application/grpc",
    "grpc-accept-encoding": "identity,deflate,gzip",
    te: "trailers",
    ...(encoding === undefined ? {} : { "grpc-encoding": encoding }),
    ...headers,
  });
  return new Promise((resolve, reject) => {
    let fields: Record<string, unknown> = {};
    const body: Buffer[] = [];
    stream.on("response", (received) => {
      fields = { ...fields, ...received };
    });
    stream.on("trailers", (received) => {
      fields = { ...fields, ...received };
    });
    stream.on("data", (chunk: Buffer) => body.push(chunk));
    stream.on("error", reject);
    stream.on("close", () => {
      session.destroy();
      resolve({ status: Number(fields["grpc-status"]), headers: fields, body: Buffer.concat(body) });
    });
    for (const message of messages) {
      stream.write(framed(message));
    }
    stream.end();
  });
}

/** A message as gRPC frames it, marked as compressed. */
function framed(message: Uint8Array): Buffer {
  const frame = Buffer.alloc(5);
  frame.writeUInt8(1, 0);
  frame.writeUInt32BE(message.byteLength, 1);
  return Buffer.concat([frame, message]);
}

const responseLine = (method: string) => logger.lines.find(({ message }) => message === `${method}.response`);

describe("requests", () => {
  it.each(KINDS)("are compressed by a channel that is told to: %s", async (kind) => {
    const sdk = registerTestSdk({ tracing: false });
    await serve(sizes, {
      channel: { extraOptions: { "grpc.default_compression_algorithm": compressionAlgorithms.gzip } },
    });
    const { count } = await callOnce(probeClient(server.channel), kind, { padding: new Uint8Array(MiB) });
    expect(count).toBe(BigInt(MiB));
    const received = async () =>
      histogramPoints(await sdk.metric("grpc.server.call.rcvd_total_compressed_message_size"))[0]?.value.sum;
    await expect.poll(received).toBeGreaterThan(0);
    expect(await received()).toBeLessThan(MiB / 100);
    await sdk.shutdown();
  });

  it.each([
    ["gzip", gzipSync],
    ["deflate", deflateSync],
  ] as const)("in %s are read", async (encoding, compress) => {
    await serve(sizes);
    const answer = await send(encoding, [compress(paddedWith(MiB)), compress(paddedWith(10))]);
    expect(answer.status).toBe(GrpcStatus.OK);
    await expect.poll(() => responseLine("bidiStream")?.fields).toMatchObject({ status: "OK", requests: 2 });
  });

  it("in an encoding that nobody knows are UNIMPLEMENTED", async () => {
    await serve(sizes);
    expect((await send("snappy", [gzipSync(paddedWith(10))])).status).toBe(GrpcStatus.UNIMPLEMENTED);
    await expect.poll(() => responseLine("bidiStream")?.fields).toMatchObject({ status: "UNIMPLEMENTED" });
  });

  it("that aren't what their encoding says, or end too early, are INTERNAL", async () => {
    await serve(sizes);
    const whole = gzipSync(paddedWith(MiB));
    for (const broken of [Buffer.from("no gzip at all"), whole.subarray(0, whole.byteLength / 2)]) {
      expect((await send("gzip", [broken])).status).toBe(GrpcStatus.INTERNAL);
    }
    await expect.poll(() => responseLine("bidiStream")?.fields).toMatchObject({ status: "INTERNAL" });
  });
});

describe("a bomb", () => {
  // A million to one is more than gzip can do; a thousand to one is enough.
  it.each(["gzip", "deflate"] as const)("in %s isn't unpacked beyond the server's limit", async (encoding) => {
    let largest = 0;
    await serve({
      async *bidiStream(requests) {
        for await (const { padding } of requests) {
          largest = Math.max(largest, padding.byteLength);
          yield {};
        }
      },
    });
    const bomb = (encoding === "gzip" ? gzipSync : deflateSync)(Buffer.alloc(128 * MiB));
    expect(bomb.byteLength).toBeLessThan(MiB);
    const before = process.memoryUsage().arrayBuffers;
    const answer = await send(encoding, [bomb]);
    const grown = process.memoryUsage().arrayBuffers - before;
    expect(answer.status).toBe(GrpcStatus.RESOURCE_EXHAUSTED);
    expect(decodeURI(String(answer.headers["grpc-message"]))).toBe(
      `The request unpacks to more than the limit of ${4 * MiB} bytes`,
    );
    expect(largest).toBe(0);
    // All of it would be 128 MiB.
    expect(grown).toBeLessThan(64 * MiB);
    await expect.poll(() => responseLine("bidiStream")?.fields).toMatchObject({ status: "RESOURCE_EXHAUSTED" });
    expect(logger.lines.filter(({ message }) => message.startsWith("bidiStream."))).toHaveLength(2);
  });

  it("below the server's limit is measured against its method's", async () => {
    logger = new MemoryLogger();
    const policies = { unary: { maxRequestBytes: 2048 }, bidiStream: { maxRequestBytes: 8 * MiB } };
    server = await startTestServer([bindProbe(sizes, { policies })], { logger });
    expect((await send("gzip", [gzipSync(paddedWith(MiB))], "Unary")).status).toBe(GrpcStatus.RESOURCE_EXHAUSTED);
    expect((await send("gzip", [gzipSync(paddedWith(MiB))])).status).toBe(GrpcStatus.OK);
    await expect
      .poll(() => responseLine("unary")?.fields)
      .toMatchObject({
        status: "RESOURCE_EXHAUSTED",
        error: "The request unpacks to more than the limit of 2048 bytes",
      });
  });

  it("that a server sends isn't unpacked beyond the channel's limit", async () => {
    const bomb = gzipSync(
      toBinary(ProbeResponseSchema, create(ProbeResponseSchema, { padding: new Uint8Array(64 * MiB) })),
    );
    const hostile = createServer();
    hostile.on("stream", (stream) => {
      stream.on("error", () => {});
      stream.respond({ ":status": 200, "content-type": "application/grpc", "grpc-encoding": "gzip" });
      stream.write(framed(bomb));
    });
    await new Promise<void>((resolve) => hostile.listen(0, "127.0.0.1", resolve));
    await serve({});
    const channel = insecureChannel(`127.0.0.1:${(hostile.address() as AddressInfo).port}`);
    for (const kind of KINDS) {
      await expect(callOnce(probeClient(channel), kind)).rejects.toMatchObject({
        status: GrpcStatus.RESOURCE_EXHAUSTED,
      });
    }
    channel.close();
    hostile.close();
  });
});

describe("responses", () => {
  const large = { padding: new Uint8Array(100_000) };

  /** Serves what answers with the given responses, and says whether each came compressed. */
  async function flagsOf(
    answer: (context: CallContext) => AsyncIterable<object>,
    policy: { compress?: boolean } = {},
    headers: Record<string, string> = {},
  ): Promise<{ flags: number[]; encoding: unknown; bytes: number }> {
    logger = new MemoryLogger();
    const servicer: ProbeServicer = { bidiStream: (_requests, context) => answer(context) };
    server = await startTestServer([bindProbe(servicer, { policies: { bidiStream: policy } })], { logger });
    const { status, headers: received, body } = await send(undefined, [], "BidiStream", headers);
    expect(status).toBe(GrpcStatus.OK);
    const flags: number[] = [];
    for (let at = 0; at < body.byteLength; at += 5 + body.readUInt32BE(at + 1)) {
      const message = body.subarray(at + 5, at + 5 + body.readUInt32BE(at + 1));
      const flag = body.readUInt8(at);
      expect(() => fromBinary(ProbeResponseSchema, flag === 1 ? gunzipSync(message) : message)).not.toThrow();
      flags.push(flag);
    }
    return { flags, encoding: received["grpc-encoding"], bytes: body.byteLength };
  }

  it("aren't compressed unless somebody says so", async () => {
    const { flags, encoding, bytes } = await flagsOf(async function* () {
      yield large;
    });
    expect([flags, encoding]).toEqual([[0], undefined]);
    expect(bytes).toBeGreaterThan(100_000);
  });

  it("are where the contract says so, if they shrink and have 1 KiB", async () => {
    const { flags, encoding, bytes } = await flagsOf(
      async function* () {
        yield large;
        yield { padding: new Uint8Array(1_000) };
        yield { padding: randomBytes(50_000) };
        yield { padding: new Uint8Array(2_000) };
      },
      { compress: true },
    );
    expect([flags, encoding]).toEqual([[1, 0, 0, 1], "gzip"]);
    expect(bytes).toBeLessThan(60_000);
  });

  it("aren't for callers that don't read gzip", async () => {
    const some = async function* () {
      yield large;
    };
    for (const accepted of ["identity", "deflate", "gzippy", ""]) {
      const { flags, encoding } = await flagsOf(some, { compress: true }, { "grpc-accept-encoding": accepted });
      expect([flags, encoding]).toEqual([[0], undefined]);
      await server.close();
    }
    server = await startTestServer([]);
  });

  it("are as the handler says, from message to message", async () => {
    const { flags } = await flagsOf(async function* (context) {
      for (const compress of [true, false, true, undefined]) {
        context.compress = compress;
        yield large;
      }
    });
    expect(flags).toEqual([1, 0, 1, 0]);
  });

  it("are as the handler says, though the contract says otherwise", async () => {
    const { flags } = await flagsOf(
      async function* (context) {
        context.compress = false;
        yield large;
      },
      { compress: true },
    );
    expect(flags).toEqual([0]);
  });

  it.each(KINDS)("are read by generated clients: %s", async (kind) => {
    const padding = new Uint8Array(20_000);
    const policy = { compress: true };
    logger = new MemoryLogger();
    const policies = { unary: policy, clientStream: policy, serverStream: policy, bidiStream: policy };
    server = await startTestServer(
      [
        bindProbe(
          servicerOf(() => ({ padding })),
          { policies },
        ),
      ],
      { logger },
    );
    expect((await callOnce(probeClient(server.channel), kind)).padding.byteLength).toBe(20_000);
  });
});
