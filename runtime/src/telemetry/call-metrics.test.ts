import { connect } from "node:http2";
import { gzipSync } from "node:zlib";
import { create, toBinary } from "@bufbuild/protobuf";
import { DataPointType } from "@opentelemetry/sdk-metrics";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ProbeRequestSchema, ProbeResponseSchema } from "../../test-support/gen/probe/v1/probe_pb.js";
import { probeClient } from "../../test-support/probe-client.js";
import { bindProbe, type ProbeServicer, TooLowError } from "../../test-support/probe-service.js";
import { RawClient } from "../../test-support/raw-client.js";
import { histogramPoints, registerTestSdk, type TestSdk } from "../../test-support/telemetry.js";
import { RefusedCall } from "../call/call-failure.js";
import type { HandlerInterceptor } from "../call/handler-interceptor.js";
import { Health } from "../gen/grpc/health/v1/health_pb.js";
import { startTestServer, type TestServer } from "../testing/index.js";
import { Status } from "../wire/status.js";
import { registeredMetrics } from "./call-metrics.js";

// gRFC A66: names, units, attributes, and what is counted.

let sdk: TestSdk;
let server: TestServer;

beforeEach(() => {
  sdk = registerTestSdk({ tracing: false });
});

afterEach(async () => {
  await server.close();
  await sdk.shutdown();
});

const CALLS_ENDED = "grpc.server.call.duration";

async function serve(servicer: ProbeServicer): Promise<TestServer> {
  server = await startTestServer([bindProbe(servicer)]);
  return server;
}

/** Waits until the server has counted the ends of so many calls. */
async function callsEnded(count: number): Promise<void> {
  await expect
    .poll(async () => histogramPoints(await sdk.metric(CALLS_ENDED)).reduce((sum, { value }) => sum + value.count, 0))
    .toBe(count);
}

const bytesOf = (schema: typeof ProbeRequestSchema | typeof ProbeResponseSchema, init: object): number =>
  toBinary<typeof ProbeRequestSchema | typeof ProbeResponseSchema>(schema, create(schema, init)).byteLength;

const unary = "probe.v1.ProbeService/Unary";
const bidiStream = "probe.v1.ProbeService/BidiStream";

it("counts calls and times them, by method, target and status", async () => {
  await serve({
    unary: ({ action }) => {
      if (action === "fail") {
        throw new TooLowError({ balance: "1" });
      }
      return {};
    },
  });
  const startedAt = performance.now();
  const client = probeClient(server.channel);
  await client.unary({});
  await client.unary({});
  await expect(client.unary({ action: "fail" })).rejects.toThrow();
  await callsEnded(3);

  const started = await sdk.metric("grpc.server.call.started");
  expect(started?.descriptor).toMatchObject({ unit: "{call}" });
  expect(started?.dataPoints).toMatchObject([{ attributes: { "grpc.method": unary }, value: 3 }]);
  for (const name of [CALLS_ENDED, "grpc.client.call.duration"]) {
    const metric = await sdk.metric(name);
    expect(metric?.descriptor.unit).toBe("s");
    expect(metric?.dataPointType).toBe(DataPointType.HISTOGRAM);
    const target = name.includes("client") ? { "grpc.target": `dns:///${server.address}` } : {};
    const points = histogramPoints(metric);
    expect(points).toMatchObject([
      { attributes: { ...target, "grpc.method": unary, "grpc.status": "OK" }, value: { count: 2 } },
      { attributes: { ...target, "grpc.method": unary, "grpc.status": "FAILED_PRECONDITION" }, value: { count: 1 } },
    ]);
    expect(points.map(({ attributes }) => Object.keys(attributes).length)).toEqual(
      points.map(() => 2 + Object.keys(target).length),
    );
    // In seconds: one after the other, the calls can't have taken longer than all of this test.
    const sum = points.reduce((total, { value }) => total + (value.sum ?? 0), 0);
    expect(sum).toBeGreaterThan(0);
    expect(sum).toBeLessThan((performance.now() - startedAt) / 1000);
    expect(points[0]?.value.buckets.boundaries).toHaveLength(41);
  }
});

it("counts the bytes of all messages, without headers and framing", async () => {
  await serve({
    async *bidiStream(requests) {
      for await (const { id } of requests) {
        yield { id: `${id}!` };
      }
    },
  });
  async function* requests() {
    yield { id: "one" };
    yield { id: "three" };
  }
  for await (const _ of probeClient(server.channel).bidiStream(requests()));
  await callsEnded(1);
  const attributes = { "grpc.method": bidiStream, "grpc.status": "OK" };
  const received = bytesOf(ProbeRequestSchema, { id: "one" }) + bytesOf(ProbeRequestSchema, { id: "three" });
  const sent = bytesOf(ProbeResponseSchema, { id: "one!" }) + bytesOf(ProbeResponseSchema, { id: "three!" });
  for (const [direction, sum] of [
    ["rcvd", received],
    ["sent", sent],
  ] as const) {
    const metric = await sdk.metric(`grpc.server.call.${direction}_total_compressed_message_size`);
    expect(metric?.descriptor.unit).toBe("By");
    expect(histogramPoints(metric)).toMatchObject([{ attributes, value: { count: 1, sum } }]);
    expect(histogramPoints(metric)[0]?.value.buckets.boundaries.slice(0, 3)).toEqual([0, 1024, 2048]);
  }
});

it("counts compressed messages as they were sent", async () => {
  await serve({ unary: () => ({}) });
  const message = toBinary(ProbeRequestSchema, create(ProbeRequestSchema, { padding: new Uint8Array(100_000) }));
  const compressed = gzipSync(message);
  const session = connect(`http://${server.address}`);
  const stream = session.request({
    ":method": "POST",
    ":path": `/${unary}`,
    "content-type": "application/grpc",
    "grpc-encoding": "gzip",
    te: "trailers",
  });
  stream.resume();
  const frame = Buffer.alloc(5);
  frame.writeUInt8(1, 0);
  frame.writeUInt32BE(compressed.byteLength, 1);
  stream.end(Buffer.concat([frame, compressed]));
  await callsEnded(1);
  session.destroy();
  const metric = await sdk.metric("grpc.server.call.rcvd_total_compressed_message_size");
  expect(histogramPoints(metric)).toMatchObject([
    { attributes: { "grpc.status": "OK" }, value: { sum: compressed.byteLength } },
  ]);
});

it("counts calls that end before their handler, and those of the server's own services", async () => {
  await serve({});
  const raw = new RawClient(server.address);
  await raw.call(Health.method.check, [{}]);
  await raw.call(Health.method.check, [{ service: "unknown" }]);
  await callsEnded(2);
  raw.close();
  const metric = await sdk.metric(CALLS_ENDED);
  expect(histogramPoints(metric).map(({ attributes }) => attributes)).toEqual([
    { "grpc.method": "grpc.health.v1.Health/Check", "grpc.status": "OK" },
    { "grpc.method": "grpc.health.v1.Health/Check", "grpc.status": "NOT_FOUND" },
  ]);
});

it("counts a call with several attempts once for its client, and each attempt for the server", async () => {
  let attempts = 0;
  const failing: HandlerInterceptor = (_context, next) => {
    attempts += 1;
    return attempts < 3 ? Promise.reject(new RefusedCall(Status.UNAVAILABLE, "not yet")) : next();
  };
  server = await startTestServer([bindProbe({ unary: () => ({}) })], {
    handlerInterceptors: [failing],
    serviceConfig: {
      methodConfig: [
        {
          name: [{ service: "probe.v1.ProbeService" }],
          retryPolicy: {
            maxAttempts: 3,
            initialBackoff: "0.010000000s",
            maxBackoff: "0.010000000s",
            backoffMultiplier: 1,
            retryableStatusCodes: ["UNAVAILABLE"],
          },
        },
      ],
    },
  });
  await probeClient(server.channel).unary({});
  await callsEnded(3);
  expect(histogramPoints(await sdk.metric("grpc.client.call.duration"))).toMatchObject([
    { attributes: { "grpc.status": "OK" }, value: { count: 1 } },
  ]);
});

describe("the instruments", () => {
  it("are made once per meter provider, and not at all without one", async () => {
    await serve({});
    const first = registeredMetrics();
    expect(first).toBeDefined();
    expect(registeredMetrics()).toBe(first);
    await sdk.shutdown();
    expect(registeredMetrics()).toBeUndefined();
    sdk = registerTestSdk({ tracing: false });
    expect(registeredMetrics()).toBeDefined();
    expect(registeredMetrics()).not.toBe(first);
  });
});
