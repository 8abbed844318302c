import { setTimeout as sleep } from "node:timers/promises";
import { type CallOptions, type Client, Code, ConnectError, createClient } from "@connectrpc/connect";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type ProbeRequest, ProbeService } from "../../../test-support/gen/probe/v1/probe_pb.js";
import { KINDS, type Kind, servicerOf } from "../../../test-support/probe-kinds.js";
import { bindProbe, SurpriseError, TooLowError } from "../../../test-support/probe-service.js";
import {
  bodyOf,
  contentTypeOf,
  type RawRequest,
  rawRequest,
  transportOf,
  WEB_PROTOCOLS,
  type WebProtocol,
} from "../../../test-support/web-protocols.js";
import type { CallContext } from "../../call/call-context.js";
import { ErrorInfoSchema } from "../../gen/google/rpc/error_details_pb.js";
import { MemoryLogger } from "../../testing/index.js";
import { createServer, type GrpcServer } from "../server.js";

// The same matrix that gRPC has, for each protocol: what a caller sees, what the handler is told, and two lines of log.

const MAX_BYTES = 2_000;

const logger = new MemoryLogger();
const seen: { signal?: AbortSignal | undefined; context?: CallContext } = {};
const SOON = { interval: 3 };
let server: GrpcServer;
let port: number;

/** What all handlers do, whatever their kind. */
async function body(request: ProbeRequest, context: CallContext) {
  seen.signal = context.signal;
  seen.context = context;
  switch (request.action) {
    case "declared":
      throw new TooLowError({ balance: "3" });
    case "undeclared":
      throw new SurpriseError();
    case "throw":
      throw new Error("the database at db-7 is down");
    case "wait":
      await new Promise((resolve) => context.signal.addEventListener("abort", resolve));
      return {};
    case "metadata":
      context.responseHeaders.set("x-header", String(context.requestMetadata.get("x-asked")[0]));
      context.responseHeaders.set("x-header-bin", Buffer.from([1, 2, 255]));
      context.responseTrailers.set("x-trailer", "at the end");
      return {};
    default:
      return { id: request.id };
  }
}

beforeAll(async () => {
  const limit = { maxRequestBytes: MAX_BYTES };
  const policies = { unary: limit, clientStream: limit, serverStream: limit, bidiStream: limit };
  const options = { logger, handleSignals: false, http: {}, drainMs: 1_000 };
  server = createServer([bindProbe(servicerOf(body), { policies })], options);
  ({ port } = await server.start("127.0.0.1:0"));
});

afterAll(() => server.drain());

afterEach(() => {
  logger.lines.length = 0;
});

type Request = { readonly id?: string; readonly action?: string; readonly padding?: Uint8Array };

async function call(client: Client<typeof ProbeService>, kind: Kind, request: Request, options?: CallOptions) {
  async function* requests() {
    yield request;
  }
  switch (kind) {
    case "unary":
      return client.unary(request, options);
    case "clientStream":
      return client.clientStream(requests(), options);
    case "serverStream":
      return lastOf(client.serverStream(request, options));
    case "bidiStream":
      return lastOf(client.bidiStream(requests(), options));
  }
}

async function lastOf<T>(responses: AsyncIterable<T>): Promise<T | undefined> {
  let last: T | undefined;
  for await (last of responses) {
  }
  return last;
}

async function failure(of: Promise<unknown>): Promise<ConnectError> {
  return ConnectError.from(
    await of.then(
      () => expect.fail("it was to fail"),
      (error: unknown) => error,
    ),
  );
}

/** The two lines of the call, as soon as both are there. */
async function lines(kind: Kind) {
  const ofCall = () => logger.lines.filter(({ message }) => message.startsWith(`${kind}.`));
  await expect.poll(() => ofCall().at(-1)?.message, SOON).toBe(`${kind}.response`);
  expect(ofCall().map(({ message }) => message)).toEqual([`${kind}.request`, `${kind}.response`]);
  return ofCall().at(-1);
}

describe.each(WEB_PROTOCOLS)("$name", (protocol: WebProtocol) => {
  // Over HTTP/1.1, both sides of a bidi call would wait for each other.
  const kinds = KINDS.filter((kind) => protocol.httpVersion === "2" || kind !== "bidiStream");

  describe.each(kinds)("%s", (kind) => {
    let client: Client<typeof ProbeService>;
    beforeAll(() => {
      client = createClient(ProbeService, transportOf(protocol, port));
    });

    it("ok", async () => {
      expect(await call(client, kind, { id: "one" })).toMatchObject({ id: "one" });
      expect(await lines(kind)).toMatchObject({ level: "info", fields: { status: "OK" } });
    });

    it("metadata both ways", async () => {
      let headers: Headers | undefined;
      let trailers: Headers | undefined;
      await call(
        client,
        kind,
        { action: "metadata" },
        {
          headers: { "x-asked": "for this" },
          onHeader: (received) => {
            headers = received;
          },
          onTrailer: (received) => {
            trailers = received;
          },
        },
      );
      expect(headers?.get("x-header")).toBe("for this");
      expect(headers?.get("x-header-bin")).toBe("AQL/");
      expect(trailers?.get("x-trailer")).toBe("at the end");
      expect(seen.context?.peer).toMatch(/^127\.0\.0\.1:\d+$/);
      const names = Object.keys(seen.context?.requestMetadata.getMap() ?? {});
      expect(names.filter((name) => /^(?:connect-|grpc-|content-|accept-encoding|host|te$)/.test(name))).toEqual([]);
    });

    it("declared", async () => {
      const error = await failure(call(client, kind, { action: "declared" }));
      expect(error).toMatchObject({ code: Code.FailedPrecondition, rawMessage: "Balance 3 is too low" });
      const [info] = error.findDetails(ErrorInfoSchema);
      expect(info).toMatchObject({ reason: "TOO_LOW", domain: "probe.example.com", metadata: { balance: "3" } });
      expect(await lines(kind)).toMatchObject({
        level: "warn",
        fields: { status: "FAILED_PRECONDITION", code: "TOO_LOW" },
      });
    });

    it("undeclared", async () => {
      const error = await failure(call(client, kind, { action: "undeclared" }));
      expect(error.code).toBe(Code.Aborted);
      expect(error.findDetails(ErrorInfoSchema)[0]?.reason).toBe("SURPRISE");
      expect(await lines(kind)).toMatchObject({ level: "error", fields: { code: "SURPRISE", undeclared: true } });
    });

    it("throw", async () => {
      const error = await failure(call(client, kind, { action: "throw" }));
      expect(error.code).toBe(Code.Internal);
      expect(error.rawMessage).toMatch(/^Internal error \(error id [0-9a-f]{12}\)$/);
      expect(await lines(kind)).toMatchObject({ level: "error", fields: { status: "INTERNAL" } });
    });

    it("cancel", async () => {
      seen.signal = undefined;
      const cancelled = new AbortController();
      const called = failure(call(client, kind, { action: "wait" }, { signal: cancelled.signal }));
      await expect.poll(() => seen.signal, SOON).toBeDefined();
      cancelled.abort();
      expect((await called).code).toBe(Code.Canceled);
      await expect.poll(() => seen.signal?.aborted, SOON).toBe(true);
      expect(await lines(kind)).toMatchObject({ level: "warn", fields: { status: "CANCELLED" } });
    });

    it("deadline", async () => {
      // Said in a header of the caller's own: connect's client has no clock then, which might be ahead of the server's.
      const headers = protocol.protocol === "connect" ? { "connect-timeout-ms": "60" } : { "grpc-timeout": "60m" };
      const error = await failure(call(client, kind, { action: "wait" }, { headers }));
      expect(error.code).toBe(Code.DeadlineExceeded);
      expect(await lines(kind)).toMatchObject({ level: "warn", fields: { status: "DEADLINE_EXCEEDED" } });
      expect(seen.signal?.reason).toMatchObject({ name: "TimeoutError" });
    });

    it("oversize", async () => {
      const error = await failure(call(client, kind, { padding: new Uint8Array(MAX_BYTES) }));
      expect(error).toMatchObject({ code: Code.ResourceExhausted });
      expect(error.rawMessage).toMatch(/more bytes than the limit of 2000/);
      expect(await lines(kind)).toMatchObject({ level: "error", fields: { status: "RESOURCE_EXHAUSTED" } });
    });

    const raw = (message: Uint8Array, isWhole: boolean): RawRequest => {
      const isUnary = kind === "unary";
      const whole = bodyOf(protocol, isUnary, message);
      return rawRequest(port, {
        httpVersion: protocol.httpVersion,
        path: `/probe.v1.ProbeService/${ProbeService.method[kind].name}`,
        headers: { "content-type": contentTypeOf(protocol, isUnary) },
        body: isWhole ? whole : whole.subarray(0, 1),
        isWhole,
      });
    };

    it("undecodable", async () => {
      const secret = protocol.format === "json" ? '{"count":"top secret"}' : "\x08\xff top secret";
      const { body: answer } = await raw(Buffer.from(secret, "latin1"), true).answer;
      expect(answer).not.toContain("top secret");
      const status = protocol.format === "json" ? "INVALID_ARGUMENT" : "INTERNAL";
      expect(await lines(kind)).toMatchObject({ level: "error", fields: { status } });
    });

    it("peer gone", async () => {
      seen.signal = undefined;
      const message = protocol.format === "json" ? '{"action":"wait"}' : "\x12\x04wait";
      const request = raw(Buffer.from(message), true);
      await expect.poll(() => seen.signal, SOON).toBeDefined();
      request.destroy();
      await expect.poll(() => seen.signal?.aborted, SOON).toBe(true);
      expect(await lines(kind)).toMatchObject({ level: "warn", fields: { status: "CANCELLED" } });
    });

    it("peer gone before its request was whole", async () => {
      const ended = () => logger.lines.find(({ message }) => message === `${kind}.response`)?.fields.status;
      // Nothing tells from outside that a call has begun: one that left before it had is made again, and stays longer.
      for (let stayMs = 5; ended() === undefined && stayMs < 5_000; stayMs *= 2) {
        const request = raw(Buffer.from("{}"), false);
        await sleep(stayMs);
        request.destroy();
        await sleep(stayMs);
      }
      await expect.poll(ended, SOON).toBe("CANCELLED");
    });
  });
});
