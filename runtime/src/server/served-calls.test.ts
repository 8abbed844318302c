import type { MessageInitShape } from "@bufbuild/protobuf";
import { status as GrpcStatus, Metadata } from "@grpc/grpc-js";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type ProbeRequest, type ProbeResponseSchema, ProbeService } from "../../test-support/gen/probe/v1/probe_pb.js";
import { startGrpcJsServer } from "../../test-support/grpc-js-server.js";
import {
  bindProbe,
  PROBE_CODECS,
  PROBE_CODECS_BY_NAME,
  PROBE_ERROR_MAP,
  type ProbeCodecs,
  type ProbeServicer,
  TooLowError,
} from "../../test-support/probe-service.js";
import { RawClient } from "../../test-support/raw-client.js";
import type { CallContext } from "../call/call-context.js";
import { currentCall } from "../call/current-call.js";
import type { HandlerInterceptor } from "../call/handler-interceptor.js";
import { unpackStatusDetails } from "../errors/status-details.js";
import { MemoryLogger, startTestServer, type TestServer } from "../testing/index.js";

// Each of the four kinds, against each way in which a call can end, with a raw grpc-js client as the caller; with generated
// codecs and without, and through interceptors.

type Response = MessageInitShape<typeof ProbeResponseSchema>;
type Kind = "unary" | "clientStream" | "serverStream" | "bidiStream";

const KINDS: readonly Kind[] = ["unary", "clientStream", "serverStream", "bidiStream"];
const streamsResponses = (kind: Kind): boolean => kind === "serverStream" || kind === "bidiStream";
const streamsRequests = (kind: Kind): boolean => kind === "clientStream" || kind === "bidiStream";

/** Whose server the services are on. */
type Place = "a server of Accord's" | "a server of grpc-js's";

let place: Place = "a server of Accord's";
let running: Pick<TestServer, "address" | "close"> | { address: string; close(): void } | undefined;
let client: RawClient | undefined;
let logger: MemoryLogger;
let codecs: ProbeCodecs = PROBE_CODECS;
let handlerInterceptors: readonly HandlerInterceptor[] = [];

afterEach(async () => {
  client?.close();
  await running?.close();
});

async function serve(servicer: ProbeServicer, options: Parameters<typeof bindProbe>[1] = {}): Promise<RawClient> {
  logger = new MemoryLogger();
  const services = [bindProbe(servicer, { codecs, ...options })];
  running =
    place === "a server of grpc-js's"
      ? await startGrpcJsServer(services, { logger, handlerInterceptors })
      : await startTestServer(services, { logger, handlerInterceptors });
  client = new RawClient(running.address);
  return client;
}

/** A servicer whose methods all do `body` once they have all requests, and answer with what it returns. */
function servicerOf(body: (request: ProbeRequest, context: CallContext) => Promise<Response>): ProbeServicer {
  const last = async (requests: AsyncIterable<ProbeRequest>): Promise<ProbeRequest> => {
    let request: ProbeRequest | undefined;
    for await (request of requests);
    if (request === undefined) {
      throw new Error("the test sends a request");
    }
    return request;
  };
  return {
    unary: (request, context) => body(request, context),
    clientStream: async (requests, context) => body(await last(requests), context),
    async *serverStream(request, context) {
      yield await body(request, context);
    },
    async *bidiStream(requests, context) {
      yield await body(await last(requests), context);
    },
  };
}

/** Waits until the call's two lines are there, and returns them. */
async function twoLines(kind: Kind) {
  const lines = () => logger.lines.filter(({ message }) => message.startsWith(`${kind}.`));
  await expect.poll(() => lines().length).toBe(2);
  const [request, response, ...more] = lines();
  expect(more).toEqual([]);
  expect(request?.message).toBe(`${kind}.request`);
  expect(request?.level).toBe("info");
  expect(response?.message).toBe(`${kind}.response`);
  return { request: request?.fields ?? {}, response: response?.fields ?? {}, level: response?.level };
}

/** Hands everything on at once, as an interceptor that only watches does. */
const passing: HandlerInterceptor = (_context, next, call) => {
  call.onRequest(() => {});
  call.onResponse(() => {});
  return next();
};

/** Takes its time before the handler and after it, as an interceptor that asks somebody else does. */
const delaying: HandlerInterceptor = async (_context, next) => {
  await new Promise(setImmediate);
  await next();
  await new Promise(setImmediate);
};

const PATHS = {
  "straight on the wire": [],
  "through an interceptor": [passing],
  "through interceptors that take their time": [delaying, passing],
} as const;

const OURS = "a server of Accord's";
const THEIRS = "a server of grpc-js's";

const CASES = KINDS.flatMap(
  (kind) =>
    [
      { kind, codec: "static", path: "straight on the wire", on: OURS },
      { kind, codec: "reflect", path: "straight on the wire", on: OURS },
      { kind, codec: "static", path: "through an interceptor", on: OURS },
      { kind, codec: "static", path: "through interceptors that take their time", on: OURS },
      { kind, codec: "static", path: "straight on the wire", on: THEIRS },
      { kind, codec: "static", path: "through interceptors that take their time", on: THEIRS },
    ] as const,
);

describe.each(CASES)("$kind $path, codec=$codec, on $on", ({ kind, codec, path, on }) => {
  const method = ProbeService.method[kind];

  beforeEach(() => {
    place = on;
    codecs = PROBE_CODECS_BY_NAME[codec];
    handlerInterceptors = PATHS[path];
  });

  it("answers", async () => {
    const caller = await serve(servicerOf(async ({ id }) => ({ id: `${id}!` })));
    const seen = await caller.call(method, [{ id: "r-1", secret: "hush" }]);
    expect(seen.code).toBe(GrpcStatus.OK);
    expect(seen.responses.map(({ id }) => id)).toEqual(["r-1!"]);
    const { request, response, level } = await twoLines(kind);
    expect(level).toBe("info");
    expect(request).toMatchObject({
      service: "probe.v1.ProbeService",
      path: `/probe.v1.ProbeService/${method.name}`,
      peer: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
      request_id: "r-1",
      payload: 'id: "r-1" secret: [REDACTED]',
    });
    expect(response).toMatchObject({ status: "OK", request_id: "r-1", duration_ms: expect.any(Number) });
    expect(response.requests).toBe(streamsRequests(kind) ? 1 : undefined);
    expect(response.responses).toBe(streamsResponses(kind) ? 1 : undefined);
    expect(response.payload).toBe(streamsResponses(kind) ? undefined : 'id: "r-1!"');
  });

  it("sends a declared error", async () => {
    const caller = await serve(
      servicerOf(async () => {
        throw new TooLowError({ balance: "3" }, { cause: new Error("the cause") });
      }),
    );
    const seen = await caller.call(method, [{}]);
    expect(seen.code).toBe(GrpcStatus.FAILED_PRECONDITION);
    expect(seen.details).toBe("Balance 3 is too low");
    expect(unpackStatusDetails(seen.trailers, PROBE_ERROR_MAP)).toMatchObject({
      code: "TOO_LOW",
      domain: "probe.example.com",
      metadata: { balance: "3" },
    });
    // Headers would commit the call, and end a client's retries.
    expect(seen.headers).toBeUndefined();
    const { response, level } = await twoLines(kind);
    expect(level).toBe("warn");
    expect(response).toMatchObject({ status: "FAILED_PRECONDITION", code: "TOO_LOW", error: "Balance 3 is too low" });
    expect((response.err as Error).cause).toMatchObject({ message: "the cause" });
    expect(response.undeclared).toBeUndefined();
  });

  it("hides an unknown error behind an error id", async () => {
    const caller = await serve(
      servicerOf(async () => {
        throw Object.assign(new Error("the password is 1234"), { code: 5, details: "not found", metadata: {} });
      }),
    );
    const seen = await caller.call(method, [{}]);
    expect(seen.code).toBe(GrpcStatus.INTERNAL);
    const id = /^Internal error \(error id ([0-9a-f]{12})\)$/.exec(seen.details)?.[1];
    expect(id).toBeDefined();
    expect(seen.trailers.get("grpc-status-details-bin")).toEqual([]);
    const { response, level } = await twoLines(kind);
    expect(level).toBe("error");
    expect(response).toMatchObject({ status: "INTERNAL", error_id: id });
    expect((response.err as Error).message).toBe("the password is 1234");
  });

  it("tells the handler that the caller has cancelled", async () => {
    let reason: unknown;
    const caller = await serve(
      servicerOf(async (_request, context) => {
        await new Promise((resolve) => context.signal.addEventListener("abort", resolve));
        reason = context.signal.reason;
        return { id: "late" };
      }),
    );
    const call = caller.open(method);
    await call.send({});
    call.halfClose();
    await expect.poll(() => logger.lines.map(({ message }) => message)).toContain(`${kind}.request`);
    call.cancel();
    expect((await call.seen).code).toBe(GrpcStatus.CANCELLED);
    const { response, level } = await twoLines(kind);
    expect(response.status).toBe("CANCELLED");
    expect(level).toBe("warn");
    await expect.poll(() => reason).toMatchObject({ name: "AbortError" });
  });

  it("ends at the deadline", async () => {
    let reason: unknown;
    const caller = await serve(
      servicerOf(async (_request, context) => {
        expect(context.deadline?.getTime()).toBeGreaterThan(Date.now());
        expect(context.timeRemaining()).toBeLessThanOrEqual(200);
        await new Promise((resolve) => context.signal.addEventListener("abort", resolve));
        reason = context.signal.reason;
        return { id: "late" };
      }),
    );
    // As a header, so that only the server watches it: a client that did would reset the call at about the same moment.
    const metadata = new Metadata();
    metadata.set("grpc-timeout", "200m");
    const seen = await caller.call(method, [{}], { metadata });
    expect(seen.code).toBe(GrpcStatus.DEADLINE_EXCEEDED);
    const { response, level } = await twoLines(kind);
    expect(response.status).toBe("DEADLINE_EXCEEDED");
    expect(level).toBe("warn");
    await expect.poll(() => reason).toMatchObject({ name: "TimeoutError" });
  });

  it("ends at the contract's longest timeout, if the caller grants more", async () => {
    let remaining = Number.POSITIVE_INFINITY;
    const caller = await serve(
      servicerOf(async (_request, context) => {
        remaining = context.timeRemaining();
        await new Promise((resolve) => context.signal.addEventListener("abort", resolve));
        throw context.signal.reason;
      }),
      { policies: { [kind]: { maxTimeoutMs: 200 } } },
    );
    const seen = await caller.call(method, [{}], { deadline: Date.now() + 30_000 });
    expect(seen.code).toBe(GrpcStatus.DEADLINE_EXCEEDED);
    expect(remaining).toBeLessThanOrEqual(200);
    expect((await twoLines(kind)).response.status).toBe("DEADLINE_EXCEEDED");
  });

  it("refuses what can't be decoded", async () => {
    let called = false;
    const caller = await serve(
      servicerOf(async () => {
        called = true;
        return {};
      }),
    );
    const seen = await caller.call(method, [{}], { encode: () => Buffer.from([0x0a, 0xff]) });
    expect(seen.code).toBe(GrpcStatus.INTERNAL);
    expect(seen.details).toBe("Error deserializing request");
    const { response, level } = await twoLines(kind);
    expect(level).toBe("error");
    expect(response).toMatchObject({ status: "INTERNAL", err: expect.any(Error) });
    expect(called).toBe(false);
  });

  it("refuses requests over the contract's limit", async () => {
    const caller = await serve(
      servicerOf(async () => ({})),
      { policies: { [kind]: { maxRequestBytes: 100 } } },
    );
    const seen = await caller.call(method, [{ padding: new Uint8Array(200) }]);
    expect(seen.code).toBe(GrpcStatus.RESOURCE_EXHAUSTED);
    expect(seen.details).toBe("The request has 203 bytes, and the limit is 100");
    expect((await twoLines(kind)).response.status).toBe("RESOURCE_EXHAUSTED");
  });

  it("refuses requests that grpc-js doesn't even pass on", async () => {
    const caller = await serve(servicerOf(async () => ({})));
    const seen = await caller.call(method, [{ padding: new Uint8Array(5 * 1024 * 1024) }]);
    expect(seen.code).toBe(GrpcStatus.RESOURCE_EXHAUSTED);
    if (on === THEIRS) {
      // It ends the call by itself: what is seen here is a caller that left, and before its request was there, if it has one.
      await expect
        .poll(() => logger.lines.find(({ message }) => message === `${kind}.response`))
        .toMatchObject({ level: streamsRequests(kind) ? "warn" : "debug", fields: { status: "CANCELLED" } });
      return;
    }
    const { response, level } = await twoLines(kind);
    expect(response.status).toBe("RESOURCE_EXHAUSTED");
    expect(level).toBe("error");
  });

  it("refuses responses over the contract's limit", async () => {
    const caller = await serve(
      servicerOf(async () => ({ padding: new Uint8Array(200) })),
      { policies: { [kind]: { maxResponseBytes: 100 } } },
    );
    const seen = await caller.call(method, [{}]);
    expect(seen.code).toBe(GrpcStatus.RESOURCE_EXHAUSTED);
    expect(seen.details).toBe("The response has 203 bytes, and the limit is 100");
    expect((await twoLines(kind)).response.status).toBe("RESOURCE_EXHAUSTED");
  });

  it("hides what is wrong with a response that can't be encoded", async () => {
    const caller = await serve(servicerOf(async () => ({ count: "many" as unknown as bigint })));
    const seen = await caller.call(method, [{}]);
    expect(seen.code).toBe(GrpcStatus.INTERNAL);
    expect(seen.details).toMatch(/^Error serializing response \(error id [0-9a-f]{12}\)$/);
    expect((await twoLines(kind)).response).toMatchObject({ status: "INTERNAL", err: expect.any(Error) });
  });

  it("sends headers and trailers", async () => {
    const caller = await serve(
      servicerOf(async (_request, context) => {
        context.responseHeaders.set("x-early", "1");
        context.responseTrailers.set("x-late", "2");
        // Neither may break the call, nor change its status.
        context.responseTrailers.set("connection", "close");
        context.responseTrailers.set("grpc-status", "7");
        return {};
      }),
    );
    const seen = await caller.call(method, [{}]);
    expect(seen.code).toBe(GrpcStatus.OK);
    expect(seen.headers?.get("x-early")).toEqual(["1"]);
    expect(seen.trailers.get("x-late")).toEqual(["2"]);
    expect(seen.trailers.get("connection")).toEqual([]);
  });

  it("is the current call, in all that the handler does", async () => {
    const found: (CallContext | undefined)[] = [];
    const caller = await serve(
      servicerOf(async (_request, context) => {
        found.push(currentCall());
        await new Promise((resolve) => setImmediate(resolve));
        found.push(currentCall());
        return { id: found.every((each) => each === context) ? "same" : "other" };
      }),
    );
    const seen = await caller.call(method, [{}]);
    expect(seen.responses[0]?.id).toBe("same");
    expect(found).toHaveLength(2);
    expect(currentCall()).toBeUndefined();
  });
});
