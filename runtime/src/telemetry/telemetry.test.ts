import { create } from "@bufbuild/protobuf";
import { status as GrpcStatus, Metadata } from "@grpc/grpc-js";
import { propagation, ROOT_CONTEXT, SpanKind, SpanStatusCode, TraceFlags, trace } from "@opentelemetry/api";
import { AlwaysOffSampler, type ReadableSpan } from "@opentelemetry/sdk-trace-node";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type ProbeRequest, ProbeRequestSchema, ProbeService } from "../../test-support/gen/probe/v1/probe_pb.js";
import { probeClient } from "../../test-support/probe-client.js";
import { callOnce, KINDS, servicerOf } from "../../test-support/probe-kinds.js";
import { bindProbe, type ProbeServicer, SurpriseError, TooLowError } from "../../test-support/probe-service.js";
import { RawClient } from "../../test-support/raw-client.js";
import { registerTestSdk, type TestSdk } from "../../test-support/telemetry.js";
import type { CallContext } from "../call/call-context.js";
import { grpcLogger } from "../call/grpc-logger.js";
import { Health } from "../gen/grpc/health/v1/health_pb.js";
import {
  createCallContext,
  MemoryLogger,
  startTestServer,
  type TestServer,
  type TestServerOptions,
} from "../testing/index.js";

let sdk: TestSdk;
let logger: MemoryLogger;
const servers: TestServer[] = [];

beforeEach(() => {
  sdk = registerTestSdk();
  logger = new MemoryLogger();
});

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
  await sdk.shutdown();
});

async function serve(servicer: ProbeServicer, options: TestServerOptions = {}): Promise<TestServer> {
  const server = await startTestServer([bindProbe(servicer)], { logger, ...options });
  servers.push(server);
  return server;
}

/** Waits for as many spans as there should be, and says that there are no more. */
async function ended(count: number): Promise<ReadableSpan[]> {
  await expect.poll(() => sdk.spans()).toHaveLength(count);
  return sdk.spans();
}

const ofKind = (spans: ReadableSpan[], kind: SpanKind): ReadableSpan | undefined =>
  spans.find((span) => span.kind === kind);

describe.each(KINDS)("%s", (kind) => {
  const { name } = ProbeService.method[kind];

  it("is one trace over two hops, each span the child of the one before", async () => {
    const behind = await serve(servicerOf(async ({ id }) => ({ id })));
    const downstream = probeClient(behind.channel);
    const front = await serve(
      servicerOf(async (request) => {
        await callOnce(downstream, kind, { id: request.id });
        return {};
      }),
    );
    await callOnce(probeClient(front.channel), kind, { id: "r-1" });

    const spans = await ended(4);
    expect(new Set(spans.map((span) => span.spanContext().traceId)).size).toBe(1);
    const byParent = new Map(spans.map((span) => [span.parentSpanContext?.spanId, span]));
    const chain: ReadableSpan[] = [];
    for (let span = byParent.get(undefined); span !== undefined; span = byParent.get(span.spanContext().spanId)) {
      chain.push(span);
    }
    expect(chain.map((span) => span.kind)).toEqual([
      SpanKind.CLIENT,
      SpanKind.SERVER,
      SpanKind.CLIENT,
      SpanKind.SERVER,
    ]);
    const port = (server: TestServer) => Number(server.address.split(":")[1]);
    for (const [index, span] of chain.entries()) {
      expect(span.name).toBe(`probe.v1.ProbeService/${name}`);
      expect(span.instrumentationScope.name).toBe("@accord-grpc/runtime");
      expect(span.instrumentationScope.schemaUrl).toBe("https://opentelemetry.io/schemas/1.45.0");
      for (const name of ["rpc.system", "rpc.service", "rpc.grpc.status_code", "error.type"]) {
        expect(span.attributes).not.toHaveProperty([name]);
      }
      expect(span.status.code).toBe(SpanStatusCode.UNSET);
      expect(span.attributes).toMatchObject({
        "rpc.system.name": "grpc",
        "rpc.method": `probe.v1.ProbeService/${name}`,
        "rpc.status_code": "OK",
        "rpc.response.status_code": "OK",
        "server.address": "127.0.0.1",
        "server.port": port(index < 2 ? front : behind),
        "network.peer.address": "127.0.0.1",
        "network.peer.port": span.kind === SpanKind.CLIENT ? port(index < 2 ? front : behind) : expect.any(Number),
      });
    }
  });

  it("has the log context on the server's span, and the span on its log lines", async () => {
    let handlersSpan: string | undefined;
    const server = await serve(
      servicerOf(async (_request, context) => {
        handlersSpan = trace.getActiveSpan()?.spanContext().spanId;
        context.logger.info({}, "from the handler");
        await new Promise((resolve) => setImmediate(resolve));
        expect(trace.getActiveSpan()?.spanContext().spanId).toBe(handlersSpan);
        return {};
      }),
    );
    await callOnce(probeClient(server.channel), kind, { id: "r-1" });
    const span = ofKind(await ended(2), SpanKind.SERVER);
    expect(span?.attributes).toMatchObject({ "probe.request_id": "r-1", "probe.count": "0" });
    expect(span?.spanContext().spanId).toBe(handlersSpan);
    const lines = logger.lines.filter(({ message }) => /request|response|handler/.test(message));
    expect(lines.map(({ message }) => message).sort()).toEqual(
      [`${kind}.request`, `${kind}.response`, "from the handler"].sort(),
    );
    for (const { fields } of lines) {
      expect(fields).toMatchObject({ trace_id: span?.spanContext().traceId, span_id: handlersSpan });
    }
  });

  it("records what the contract doesn't declare, and calls it an error", async () => {
    const server = await serve(
      servicerOf(async ({ action }) => {
        throw action === "declared"
          ? new TooLowError({ balance: "1" }, { cause: new Error("why") })
          : action === "surprise"
            ? new SurpriseError()
            : new TypeError("the handler is broken");
      }),
    );
    const raw = new RawClient(server.address);
    for (const action of ["declared", "surprise", "broken"]) {
      await raw.call(ProbeService.method[kind], [{ action }]);
    }
    raw.close();
    const [declared, surprise, broken] = await ended(3);
    expect(declared?.attributes).toMatchObject({
      "rpc.response.status_code": "FAILED_PRECONDITION",
      "accord.error_code": "TOO_LOW",
    });
    expect(declared?.status.code).toBe(SpanStatusCode.UNSET);
    expect(declared?.attributes).not.toHaveProperty(["error.type"]);
    expect(declared?.events).toEqual([]);
    expect(surprise?.attributes).toMatchObject({
      "rpc.response.status_code": "ABORTED",
      "accord.error_code": "SURPRISE",
    });
    expect(surprise?.status).toEqual({ code: SpanStatusCode.ERROR, message: "Surprise" });
    expect(surprise?.events).toMatchObject([{ name: "exception" }]);
    const id = broken?.attributes["accord.error_id"];
    expect(id).toMatch(/^[0-9a-f]{12}$/);
    expect(broken?.attributes).toMatchObject({ "rpc.response.status_code": "INTERNAL", "error.type": "INTERNAL" });
    expect(surprise?.attributes["error.type"]).toBe("ABORTED");
    expect(broken?.status).toEqual({ code: SpanStatusCode.ERROR, message: `Internal error (error id ${id})` });
    expect(broken?.events).toMatchObject([
      {
        name: "exception",
        attributes: {
          "exception.type": "TypeError",
          "exception.message": "the handler is broken",
          "exception.stacktrace": expect.stringContaining("telemetry.test.ts"),
        },
      },
    ]);
  });

  it("ends both spans when the deadline passes", async () => {
    const server = await serve(
      servicerOf(async (_request, context) => {
        await new Promise((resolve) => context.signal.addEventListener("abort", resolve));
        return {};
      }),
    );
    // As a header, so that only the server watches it: a client that did would reset the call at about the same moment.
    const options = { timeoutMs: Number.POSITIVE_INFINITY, metadata: { "grpc-timeout": "100m" } };
    await expect(callOnce(probeClient(server.channel), kind, {}, options)).rejects.toMatchObject({
      status: GrpcStatus.DEADLINE_EXCEEDED,
    });
    for (const span of await ended(2)) {
      expect(span.attributes["rpc.response.status_code"]).toBe("DEADLINE_EXCEEDED");
      expect(span.status.code).toBe(SpanStatusCode.ERROR);
    }
  });

  it("ends both spans when the caller cancels", async () => {
    const abort = new AbortController();
    const server = await serve(
      servicerOf(async (_request, context) => {
        abort.abort();
        await new Promise((resolve) => context.signal.addEventListener("abort", resolve));
        return {};
      }),
    );
    const client = probeClient(server.channel);
    async function* requests() {
      yield {};
      await new Promise(() => {});
    }
    const options = { signal: abort.signal };
    const made =
      kind === "unary"
        ? client.unary({}, options)
        : kind === "clientStream"
          ? client.clientStream(requests(), options)
          : (kind === "serverStream" ? client.serverStream({}, options) : client.bidiStream(requests(), options))
              [Symbol.asyncIterator]()
              .next();
    await expect(made).rejects.toMatchObject({ status: GrpcStatus.CANCELLED });
    const spans = await ended(2);
    expect(spans.map((span) => span.attributes["rpc.response.status_code"])).toEqual(["CANCELLED", "CANCELLED"]);
    // For a server, a caller that leaves is no fault.
    expect(ofKind(spans, SpanKind.SERVER)?.status.code).toBe(SpanStatusCode.UNSET);
    expect(ofKind(spans, SpanKind.CLIENT)?.status.code).toBe(SpanStatusCode.ERROR);
  });
});

describe("a client's span", () => {
  it("is the child of the span that is active when the method is called, not when a stream is read", async () => {
    const server = await serve(servicerOf(async () => ({})));
    const tracer = trace.getTracer("test");
    const responses = tracer.startActiveSpan("caller", (span) => {
      span.end();
      return probeClient(server.channel).serverStream({});
    });
    await tracer.startActiveSpan("reader", async (span) => {
      for await (const _ of responses);
      span.end();
    });
    const spans = await ended(4);
    const caller = spans.find((span) => span.name === "caller");
    expect(ofKind(spans, SpanKind.CLIENT)?.parentSpanContext?.spanId).toBe(caller?.spanContext().spanId);
  });

  it("replaces a trace in metadata that was handed on", async () => {
    const server = await serve(
      servicerOf(async (_request, { requestMetadata }) => ({ id: requestMetadata.get("traceparent").join() })),
    );
    const metadata = new Metadata();
    metadata.set("traceparent", "00-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-bbbbbbbbbbbbbbbb-01");
    const { id } = await probeClient(server.channel).unary({}, { metadata });
    const span = ofKind(await ended(2), SpanKind.CLIENT);
    expect(id).toBe(`00-${span?.spanContext().traceId}-${span?.spanContext().spanId}-01`);
  });

  it("tells of calls that never reach a server", async () => {
    const server = await serve({});
    const client = probeClient(server.channel);
    await expect(client.unary({}, { timeoutMs: 0 })).rejects.toMatchObject({ status: GrpcStatus.DEADLINE_EXCEEDED });
    server.channel.close();
    await expect(client.unary({})).rejects.toMatchObject({ status: GrpcStatus.UNAVAILABLE });
    const spans = await ended(2);
    expect(spans.map((span) => span.attributes["rpc.response.status_code"])).toEqual([
      "DEADLINE_EXCEEDED",
      "UNAVAILABLE",
    ]);
    expect(spans.map((span) => span.attributes["network.peer.address"])).toEqual([undefined, undefined]);
  });

  it("says CANCELLED when the caller's own code threw, and what", async () => {
    const server = await serve(servicerOf(async () => ({})));
    const metadataHooks = [
      () => {
        throw new RangeError("the hook is broken");
      },
    ];
    await expect(probeClient(server.channel, { metadataHooks }).unary({})).rejects.toThrow("the hook is broken");
    const [span] = await ended(1);
    expect(span?.attributes["rpc.response.status_code"]).toBe("CANCELLED");
    expect(span?.events).toMatchObject([{ attributes: { "exception.type": "RangeError" } }]);
  });
});

describe("the server's span", () => {
  it("is there for calls that end before their handler, with their log context", async () => {
    const server = await serve({});
    const raw = new RawClient(server.address);
    await raw.call(ProbeService.method.unary, [{}], { encode: () => Buffer.from([0x0a, 0xff]) });
    raw.close();
    const [span] = await ended(1);
    expect(span?.attributes["rpc.response.status_code"]).toBe("INTERNAL");
    expect(span?.status.message).toBe("Error deserializing request");
    expect(span?.events).toMatchObject([{ name: "exception" }]);
  });

  it("is a root where the caller sends no trace, or one that can't be read", async () => {
    const server = await serve(servicerOf(async () => ({})));
    const raw = new RawClient(server.address);
    const metadata = new Metadata();
    metadata.set("traceparent", "nonsense");
    await raw.call(ProbeService.method.unary, [{}], { metadata });
    raw.close();
    const [span] = await ended(1);
    expect(span?.parentSpanContext).toBeUndefined();
  });

  it("takes over the caller's baggage and sampling", async () => {
    let baggage: string | undefined;
    const behind = await serve(
      servicerOf(async () => {
        baggage = propagation.getActiveBaggage()?.getEntry("tenant")?.value;
        return {};
      }),
    );
    const downstream = probeClient(behind.channel);
    const server = await serve(servicerOf(async () => downstream.unary({})));
    const raw = new RawClient(server.address);
    const metadata = new Metadata();
    metadata.set("traceparent", "00-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-bbbbbbbbbbbbbbbb-00");
    metadata.set("baggage", "tenant=acme");
    await raw.call(ProbeService.method.unary, [{}], { metadata });
    raw.close();
    expect(baggage).toBe("acme");
    // The caller doesn't sample, so nobody does; the lines still say which trace it was.
    await expect.poll(() => logger.lines.filter(({ message }) => message === "unary.response")).toHaveLength(2);
    expect(sdk.spans()).toEqual([]);
    expect(new Set(logger.lines.slice(-2).map(({ fields }) => fields.trace_id))).toEqual(new Set(["a".repeat(32)]));
  });

  it("isn't there for the server's own services", async () => {
    const server = await serve({});
    const raw = new RawClient(server.address);
    expect((await raw.call(Health.method.check, [{}])).code).toBe(GrpcStatus.OK);
    await expect.poll(() => logger.lines.filter(({ message }) => message === "check.response")).toHaveLength(1);
    raw.close();
    expect(sdk.spans()).toEqual([]);
  });
});

describe("without an SDK", () => {
  it("nothing is active, sent or logged, and an SDK that comes later is found", async () => {
    await sdk.shutdown();
    let sent: string[] = [];
    let active: unknown;
    const server = await serve(
      servicerOf(async (_request, { requestMetadata }) => {
        sent = Object.keys(requestMetadata.getMap());
        active = trace.getActiveSpan();
        return {};
      }),
    );
    const client = probeClient(server.channel);
    await client.unary({});
    expect(sent).toEqual(["user-agent"]);
    expect(active).toBeUndefined();
    expect(logger.lines.some(({ fields }) => "trace_id" in fields)).toBe(false);

    sdk = registerTestSdk();
    await client.unary({});
    await ended(2);
    expect(sent).toContain("traceparent");
  });

  it("spans that aren't sampled cost their attributes, and are handed on", async () => {
    await sdk.shutdown();
    sdk = registerTestSdk({ sampler: new AlwaysOffSampler() });
    const flags: (number | undefined)[] = [];
    const server = await serve(
      servicerOf(async () => {
        flags.push(trace.getActiveSpan()?.spanContext().traceFlags);
        return {};
      }),
    );
    await probeClient(server.channel).unary({});
    expect(flags).toEqual([TraceFlags.NONE]);
    expect(sdk.spans()).toEqual([]);
  });
});

it("a method that no server dispatches logs the span that is active", () => {
  const context = createCallContext(ProbeService.method.unary, { logger });
  const method = grpcLogger(({ id }: ProbeRequest) => ({ id }))(
    (_request: ProbeRequest, _context: CallContext) => ({}),
  );
  trace.getTracer("test").startActiveSpan("test", (span) => {
    method(create(ProbeRequestSchema, { id: "r-1" }), context);
    span.end();
    const { traceId, spanId } = span.spanContext();
    expect(logger.lines).toMatchObject([
      { message: "unary.request", fields: { trace_id: traceId, span_id: spanId } },
      { message: "unary.response", fields: { trace_id: traceId, span_id: spanId } },
    ]);
  });
  expect(sdk.spans()[0]?.attributes).toEqual({ "probe.id": "r-1" });
});

it("a propagator that throws fails no call", async () => {
  propagation.disable();
  const broken = (): never => {
    throw new Error("the propagator is broken");
  };
  propagation.setGlobalPropagator({ inject: broken, extract: broken, fields: () => [] });
  const server = await serve(servicerOf(async () => ({})));
  await probeClient(server.channel).unary({});
  const spans = await ended(2);
  expect(spans.every((span) => span.parentSpanContext === undefined)).toBe(true);
  expect(trace.getSpan(ROOT_CONTEXT)).toBeUndefined();
});
