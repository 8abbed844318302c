import { readFileSync } from "node:fs";
import { create } from "@bufbuild/protobuf";
import { status as GrpcStatus } from "@grpc/grpc-js";
import { transformSync } from "esbuild";
import { afterEach, describe, expect, it } from "vitest";
import { type ProbeRequest, ProbeRequestSchema, ProbeService } from "../../test-support/gen/probe/v1/probe_pb.js";
import { PROBE_ERROR_MAP, SurpriseError, TooLowError } from "../../test-support/probe-service.js";
import { RawClient } from "../../test-support/raw-client.js";
import { bindService } from "../server/bind-service.js";
import { createCallContext, MemoryLogger, startTestServer, type TestServer } from "../testing/index.js";
import type { CallContext } from "./call-context.js";
import { grpcErrorHandler } from "./grpc-error-handler.js";
import { grpcLogger } from "./grpc-logger.js";

/** Loads the decorated servicer: Node and vitest don't know the syntax of decorators, esbuild translates it. */
function loadDecorated(): typeof import("../../test-support/decorated-servicer.js") {
  const source = readFileSync(new URL("../../test-support/decorated-servicer.ts", import.meta.url), "utf8");
  const { code } = transformSync(source, { loader: "ts", format: "cjs", target: "es2022" });
  const modules: Readonly<Record<string, object>> = {
    "../src/call/grpc-error-handler.js": { grpcErrorHandler },
    "../src/call/grpc-logger.js": { grpcLogger },
    "./probe-service.js": { PROBE_ERROR_MAP, TooLowError },
  };
  const loaded = { exports: {} };
  new Function("require", "module", "exports", code)((name: string) => modules[name], loaded, loaded.exports);
  return loaded.exports as typeof import("../../test-support/decorated-servicer.js");
}

const { DecoratedServicer } = loadDecorated();

const request = (init: { id?: string; action?: string } = {}): ProbeRequest => create(ProbeRequestSchema, init);

async function* streamOf<T>(...values: T[]): AsyncGenerator<T> {
  yield* values;
}

async function collect<T>(values: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const value of values) {
    all.push(value);
  }
  return all;
}

describe("a wrapped method that is called without a server", () => {
  const { method } = ProbeService;
  const servicer = new DecoratedServicer("Hello ");

  function contextOf(name: keyof typeof method): { context: CallContext; logger: MemoryLogger } {
    const logger = new MemoryLogger();
    return { logger, context: createCallContext(method[name], { logger }) };
  }

  it("returns what it returns, and logs two lines", async () => {
    const { context, logger } = contextOf("unary");
    expect(await servicer.unary(request({ id: "Ada" }), context)).toEqual({ id: "Hello Ada" });
    expect(logger.lines).toMatchObject([
      { message: "unary.request", fields: { who: "Ada", payload: 'id: "Ada"' } },
      { message: "at work" },
      {
        message: "unary.response",
        fields: { who: "Ada", answer: "Hello Ada", status: "OK", payload: 'id: "Hello Ada"' },
      },
    ]);
  });

  it("throws what the pairs make of its error", async () => {
    const { context, logger } = contextOf("unary");
    await expect(servicer.unary(request({ action: "driver" }), context)).rejects.toThrow(TooLowError);
    expect(logger.lines.at(-1)).toMatchObject({
      level: "warn",
      fields: { status: "FAILED_PRECONDITION", code: "TOO_LOW" },
    });
    await expect(servicer.unary(request({ action: "unknown" }), context)).rejects.toThrow("unknown");
    expect(logger.lines.at(-1)).toMatchObject({ level: "error", fields: { status: "INTERNAL" } });
  });

  it("may have streams", async () => {
    const up = contextOf("clientStream");
    expect(await servicer.clientStream(streamOf(request(), request()))).toEqual({ count: 2n });
    const wrapped = servicer.clientStream as (r: AsyncIterable<ProbeRequest>, c: CallContext) => Promise<unknown>;
    expect(await wrapped.call(servicer, streamOf(request({ id: "1" }), request()), up.context)).toEqual({ count: 2n });
    expect(up.logger.lines).toMatchObject([
      { message: "clientStream.request", fields: { payload: 'id: "1"' } },
      { message: "clientStream.response", fields: { requests: 2, status: "OK" } },
    ]);

    const down = contextOf("serverStream");
    const stream = servicer.serverStream as (r: ProbeRequest, c: CallContext) => AsyncGenerator<{ count: bigint }>;
    expect(await collect(stream.call(servicer, request(), down.context))).toHaveLength(2);
    await expect(collect(stream.call(servicer, request({ action: "driver" }), down.context))).rejects.toThrow(
      TooLowError,
    );
    for await (const _ of stream.call(servicer, request(), down.context)) {
      break;
    }
    expect(down.logger.lines.filter(({ message }) => message === "serverStream.response")).toMatchObject([
      { level: "info", fields: { status: "OK", responses: 2 } },
      { level: "warn", fields: { status: "FAILED_PRECONDITION", responses: 1 } },
      { level: "warn", fields: { status: "CANCELLED", responses: 1 } },
    ]);
  });

  it("keeps its name", () => {
    expect(servicer.unary.name).toBe("unary");
  });
});

describe("a servicer decorated by hand and bound by generated code", () => {
  let running: TestServer;
  let client: RawClient;

  afterEach(async () => {
    client.close();
    await running.close();
  });

  it("logs two lines, with both log contexts, and has both error handlers", async () => {
    const servicer = new DecoratedServicer("Hello ");
    const generated = grpcLogger((r: ProbeRequest) => ({ request_id: r.id }));
    const errors = grpcErrorHandler(PROBE_ERROR_MAP, [TooLowError]);
    const logger = new MemoryLogger();
    const service = bindService(ProbeService, {
      unary: { handler: generated(errors((r: ProbeRequest, context: CallContext) => servicer.unary(r, context))) },
      // Without any wrapper of generated code, the decorators do it.
      clientStream: { handler: (requests: AsyncIterable<ProbeRequest>) => servicer.clientStream(requests) },
      serverStream: {
        handler: () => {
          throw new SurpriseError();
        },
      },
      bidiStream: { handler: (requests: AsyncIterable<ProbeRequest>) => servicer.bidiStream(requests) },
    });
    running = await startTestServer([service], { logger });
    client = new RawClient(running.address);

    expect((await client.call(ProbeService.method.unary, [{ id: "Ada" }])).responses[0]?.id).toBe("Hello Ada");
    await expect
      .poll(() => logger.lines.filter(({ message }) => message.startsWith("unary.")))
      .toMatchObject([
        { message: "unary.request", fields: { request_id: "Ada" } },
        { message: "unary.response", fields: { request_id: "Ada", who: "Ada", answer: "Hello Ada" } },
      ]);
    // What the handler logs has the call's log context too.
    expect(logger.lines.find(({ message }) => message === "at work")?.fields).toMatchObject({
      request_id: "Ada",
      step: 1,
    });

    const failed = await client.call(ProbeService.method.unary, [{ action: "driver" }]);
    expect(failed.code).toBe(GrpcStatus.FAILED_PRECONDITION);

    // A handler without any error handler has no contract for its errors: what it throws is undeclared.
    expect((await client.call(ProbeService.method.serverStream, [{}])).code).toBe(GrpcStatus.INTERNAL);
    const echoed = await client.call(ProbeService.method.bidiStream, [{ id: "1" }, { id: "2" }]);
    expect(echoed.responses.map(({ id }) => id)).toEqual(["1", "2"]);
    expect(logger.lines.filter(({ message }) => message === "bidiStream.response")).toHaveLength(1);
  });
});

describe("bindService", () => {
  it("names the method that has no handler", () => {
    expect(() => bindService(ProbeService, {} as never)).toThrow(
      "probe.v1.ProbeService: the method unary has no handler",
    );
  });

  it("takes the wrappers off, in whatever order they come", () => {
    const body = (): { id: string } => ({ id: "" });
    const log = grpcLogger();
    const errors = grpcErrorHandler(PROBE_ERROR_MAP);
    const stream = async function* () {
      yield {};
    };
    const bound = bindService(ProbeService, {
      unary: { handler: log(errors(body)), maxTimeoutMs: 5 },
      clientStream: { handler: errors(log(body)) },
      serverStream: { handler: stream },
      bidiStream: { handler: log(stream) },
    });
    expect(bound.methods.map((method) => [method.body, method.log !== undefined, method.errors !== undefined])).toEqual(
      [
        [body, true, true],
        [body, true, true],
        [stream, false, false],
        [stream, true, false],
      ],
    );
    expect(bound.methods[0]?.policy).toEqual({ maxTimeoutMs: 5 });
  });
});
