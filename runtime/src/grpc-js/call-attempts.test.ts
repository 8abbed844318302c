import { createServer as createHttp2Server, type ServerHttp2Stream } from "node:http2";
import type { AddressInfo } from "node:net";
import { CallCredentials, compressionAlgorithms, status as GrpcStatus, Metadata } from "@grpc/grpc-js";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { insecureChannel, probeClient } from "../../test-support/probe-client.js";
import { bindProbe, type ProbeServicer } from "../../test-support/probe-service.js";
import { histogramPoints, registerTestSdk, type TestSdk } from "../../test-support/telemetry.js";
import { RefusedCall } from "../call/call-failure.js";
import type { HandlerInterceptor } from "../call/handler-interceptor.js";
import { startTestServer, type TestServerOptions } from "../testing/index.js";
import type { MethodConfig, ServiceConfig } from "../wire/service-config.js";
import { Status } from "../wire/status.js";

// gRFC A66's `grpc.client.attempt.*`, as a real OpenTelemetry SDK sees them.

let sdk: TestSdk;
const open: (() => unknown)[] = [];

beforeEach(() => {
  sdk = registerTestSdk({ tracing: false });
});

afterEach(async () => {
  for (const close of open.splice(0).reverse()) {
    await close();
  }
  await sdk.shutdown();
});

async function serve(servicer: ProbeServicer, options: TestServerOptions = {}): Promise<string> {
  const server = await startTestServer([bindProbe(servicer)], options);
  open.push(() => server.close());
  return server.address;
}

function channelTo(...args: Parameters<typeof insecureChannel>): ReturnType<typeof insecureChannel> {
  const channel = insecureChannel(...args);
  open.push(() => channel.close());
  return channel;
}

/** Has a server fail so many attempts before it answers. */
function failing(times: number): HandlerInterceptor {
  let attempts = 0;
  return (_context, next) => {
    attempts += 1;
    return attempts <= times ? Promise.reject(new RefusedCall(Status.UNAVAILABLE, "not yet")) : next();
  };
}

const forAll = (config: Omit<MethodConfig, "name">): ServiceConfig => ({
  methodConfig: [{ name: [{ service: "probe.v1.ProbeService" }], ...config }],
});

const THREE_ATTEMPTS = forAll({
  retryPolicy: {
    maxAttempts: 3,
    initialBackoff: "0.010000000s",
    maxBackoff: "0.010000000s",
    backoffMultiplier: 1,
    retryableStatusCodes: ["UNAVAILABLE"],
  },
});

const UNARY = "probe.v1.ProbeService/Unary";

/** How many attempts have started. */
async function started(): Promise<unknown> {
  return (await sdk.metric("grpc.client.attempt.started"))?.dataPoints[0]?.value;
}

/** How many have ended, by their status. */
async function ended(): Promise<Record<string, number>> {
  const points = histogramPoints(await sdk.metric("grpc.client.attempt.duration"));
  return Object.fromEntries(
    points.map(({ attributes, value }) => [String(attributes["grpc.status"]), value.count] as const),
  );
}

/** The bytes of those that went well. */
async function bytes(direction: "sent" | "rcvd", side: "client.attempt" | "server.call"): Promise<number> {
  const metric = await sdk.metric(`grpc.${side}.${direction}_total_compressed_message_size`);
  expect(metric?.descriptor.unit).toBe("By");
  const points = histogramPoints(metric).filter(({ attributes }) => attributes["grpc.status"] === "OK");
  return points.reduce((total, { value }) => total + (value.sum ?? 0), 0);
}

describe("retries", () => {
  it("are counted and timed one by one, by method, target and status", async () => {
    const address = await serve({ unary: () => ({}) }, { handlerInterceptors: [failing(2)] });
    const startedAt = performance.now();
    await probeClient(channelTo(address, THREE_ATTEMPTS)).unary({});

    const attributes = { "grpc.method": UNARY, "grpc.target": `dns:///${address}` };
    const metric = await sdk.metric("grpc.client.attempt.started");
    expect(metric?.descriptor.unit).toBe("{attempt}");
    expect(metric?.dataPoints.map((point) => [point.attributes, point.value])).toEqual([[attributes, 3]]);
    const durations = await sdk.metric("grpc.client.attempt.duration");
    expect(durations?.descriptor.unit).toBe("s");
    expect(histogramPoints(durations).map((point) => [point.attributes, point.value.count])).toEqual([
      [{ ...attributes, "grpc.status": "UNAVAILABLE" }, 2],
      [{ ...attributes, "grpc.status": "OK" }, 1],
    ]);
    // One after the other, they can't have taken longer than all of this test.
    const sum = histogramPoints(durations).reduce((total, { value }) => total + (value.sum ?? 0), 0);
    expect(sum).toBeGreaterThan(0);
    expect(sum).toBeLessThan((performance.now() - startedAt) / 1000);
    expect(histogramPoints(durations)[0]?.value.buckets.boundaries).toHaveLength(41);
    expect(histogramPoints(await sdk.metric("grpc.client.call.duration"))).toMatchObject([{ value: { count: 1 } }]);
  });

  it("are counted when grpc-js makes one by itself, since the server hasn't looked at the first", async () => {
    let refused = false;
    const server = createHttp2Server().on("stream", (stream: ServerHttp2Stream) => {
      stream.on("error", () => {});
      if (refused) {
        stream.respond({ "content-type": "application/grpc", "grpc-status": "5" }, { endStream: true });
      } else {
        refused = true;
        stream.close(7);
      }
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    open.push(() => server.close());
    const client = probeClient(channelTo(`127.0.0.1:${(server.address() as AddressInfo).port}`));
    await expect(client.unary({})).rejects.toThrow();
    expect(await started()).toBe(2);
    expect(await ended()).toEqual({ UNAVAILABLE: 1, NOT_FOUND: 1 });
  });
});

it("hedged attempts are counted, those that were given up as CANCELLED", async () => {
  let calls = 0;
  const address = await serve({
    unary: () => {
      calls += 1;
      return calls < 3 ? new Promise(() => {}) : {};
    },
  });
  const config = forAll({ hedgingPolicy: { maxAttempts: 3, hedgingDelay: "0.010000000s", nonFatalStatusCodes: [] } });
  await probeClient(channelTo(address, config)).unary({});
  await expect.poll(ended).toEqual({ OK: 1, CANCELLED: 2 });
  expect(await started()).toBe(3);
});

describe("bytes", () => {
  it("are those of each attempt, as they were sent, without headers and framing", async () => {
    const address = await serve({ unary: ({ padding }) => ({ padding }) }, { handlerInterceptors: [failing(1)] });
    const channel = channelTo(address, THREE_ATTEMPTS, {
      extraOptions: { "grpc.default_compression_algorithm": compressionAlgorithms.gzip },
    });
    await probeClient(channel).unary({ padding: new Uint8Array(100_000) });
    await expect.poll(() => bytes("sent", "server.call")).toBeGreaterThan(0);

    const sent = await bytes("sent", "client.attempt");
    expect(sent).toBeGreaterThan(20);
    expect(sent).toBeLessThan(1_000);
    // What one side has sent the other has received.
    expect(await bytes("rcvd", "server.call")).toBe(sent);
    expect(await bytes("rcvd", "client.attempt")).toBeGreaterThan(100_000);
    expect(await bytes("sent", "server.call")).toBe(await bytes("rcvd", "client.attempt"));
    expect(await ended()).toEqual({ UNAVAILABLE: 1, OK: 1 });
  });

  it("are those of all messages of a stream", async () => {
    const address = await serve({
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
    for await (const _ of probeClient(channelTo(address)).bidiStream(requests()));
    // A tag, a length and the text.
    expect(await bytes("sent", "client.attempt")).toBe(2 + 3 + 2 + 5);
    expect(await bytes("rcvd", "client.attempt")).toBe(2 + 4 + 2 + 6);
  });
});

describe("an attempt", () => {
  it("that finds no server is UNAVAILABLE", async () => {
    const server = await startTestServer([bindProbe({})]);
    await server.close();
    await expect(probeClient(channelTo(server.address)).unary({})).rejects.toThrow();
    expect(await started()).toBe(1);
    expect(await ended()).toEqual({ UNAVAILABLE: 1 });
  });

  it("that waits for a server, and asks for it again and again, ends with the call", async () => {
    const server = await startTestServer([bindProbe({})]);
    await server.close();
    const channel = channelTo(server.address, {}, { extraOptions: { "grpc.initial_reconnect_backoff_ms": 100 } });
    const client = probeClient(channel, {}, { waitForReady: true, timeoutMs: 700 });
    await expect(client.unary({})).rejects.toMatchObject({ status: Status.DEADLINE_EXCEEDED });
    expect(await started()).toBe(1);
    expect(await ended()).toEqual({ DEADLINE_EXCEEDED: 1 });
  });

  it("that is cancelled says so", async () => {
    const leave = new AbortController();
    const address = await serve({
      unary: () => {
        leave.abort();
        return new Promise(() => {});
      },
    });
    await expect(probeClient(channelTo(address)).unary({}, { signal: leave.signal })).rejects.toThrow();
    await expect.poll(ended).toEqual({ CANCELLED: 1 });
    expect(await started()).toBe(1);
  });

  it("whose credentials can't be had ends with the call", async () => {
    const address = await serve({ unary: () => ({}) });
    const credentials = CallCredentials.createFromMetadataGenerator((_options, callback) =>
      callback(Object.assign(new Error("no token today"), { code: GrpcStatus.UNAUTHENTICATED })),
    );
    await expect(probeClient(channelTo(address), { credentials }).unary({})).rejects.toThrow("no token today");
    expect(await started()).toBe(1);
    expect(await ended()).toEqual({ UNAUTHENTICATED: 1 });
  });

  it("to a name that doesn't exist is UNAVAILABLE", async () => {
    await expect(probeClient(channelTo("dns:///nobody.invalid:1")).unary({})).rejects.toThrow();
    expect(await started()).toBe(1);
    expect(await ended()).toEqual({ UNAVAILABLE: 1 });
  });
});

it("the caller's metadata isn't changed, and one that serves many calls mixes nothing up", async () => {
  const address = await serve({ unary: () => ({}), serverStream: async function* () {} });
  const metadata = new Metadata({ waitForReady: true });
  const options = metadata.getOptions();
  const client = probeClient(channelTo(address), { defaultMetadata: metadata });
  await Promise.all([client.unary({}, { metadata }), client.unary({}, { metadata })]);
  for await (const _ of client.serverStream({}, { metadata }));
  expect(metadata.getOptions()).toBe(options);
  expect(options).toEqual({ waitForReady: true });
  const points = (await sdk.metric("grpc.client.attempt.started"))?.dataPoints ?? [];
  expect(points.map(({ attributes, value }) => [attributes["grpc.method"], value])).toEqual([
    [UNARY, 2],
    ["probe.v1.ProbeService/ServerStream", 1],
  ]);
});
