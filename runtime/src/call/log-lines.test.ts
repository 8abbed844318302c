import { Writable } from "node:stream";
import type { MessageInitShape } from "@bufbuild/protobuf";
import { status as GrpcStatus, Metadata } from "@grpc/grpc-js";
import { pino } from "pino";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type ProbeRequest, type ProbeRequestSchema, ProbeService } from "../../test-support/gen/probe/v1/probe_pb.js";
import { KINDS, type Kind } from "../../test-support/probe-kinds.js";
import {
  BusyError,
  bindProbe,
  type ProbeServicer,
  SurpriseError,
  TooLowError,
} from "../../test-support/probe-service.js";
import { RawClient } from "../../test-support/raw-client.js";
import { FRAME, RawHttp2 } from "../../test-support/raw-http2.js";
import { startTestServer, type TestServer, type TestServerOptions } from "../testing/index.js";
import type { CallContext } from "./call-context.js";

// What a reader of the log sees: pino's own lines, for each kind and each way in which a call can end.

interface Line {
  readonly level: number;
  readonly msg: string;
  readonly [field: string]: unknown;
}

const SECRET = "hush-hush";
const LEVEL = { info: 30, warn: 40, error: 50 } as const;

/** A request with a secret in each place that there is. */
const secretive: MessageInitShape<typeof ProbeRequestSchema> = {
  id: "r-1",
  secret: SECRET,
  nested: {
    name: "shown",
    password: SECRET,
    child: { password: SECRET, children: [{ password: SECRET }, { child: { password: SECRET } }] },
  },
};

let text: string;
let server: TestServer;
let client: RawClient;

beforeEach(() => {
  text = "";
});

afterEach(async () => {
  client.close();
  await server.close();
});

async function serve(servicer: ProbeServicer, options: TestServerOptions & { policy?: object } = {}): Promise<void> {
  const { policy, ...serverOptions } = options;
  const destination = new Writable({
    write(chunk, _encoding, done) {
      text += String(chunk);
      done();
    },
  });
  const policies = policy && { unary: policy, clientStream: policy, serverStream: policy, bidiStream: policy };
  server = await startTestServer([bindProbe(servicer, policies && { policies })], {
    // What it is in production.
    logger: pino({ level: "info" }, destination),
    ...serverOptions,
  });
  client = new RawClient(server.address);
}

/** A servicer whose methods all do `body` once they have all requests, and answer with what it returns. */
function whenAllCame(body: (request: ProbeRequest, context: CallContext) => unknown): ProbeServicer {
  const last = async (requests: AsyncIterable<ProbeRequest>): Promise<ProbeRequest> => {
    let request: ProbeRequest | undefined;
    for await (request of requests);
    return request ?? Promise.reject(new Error("no request came"));
  };
  return {
    unary: async (request, context) => (await body(request, context)) as object,
    clientStream: async (requests, context) => (await body(await last(requests), context)) as object,
    async *serverStream(request, context) {
      yield (await body(request, context)) as object;
    },
    async *bidiStream(requests, context) {
      yield (await body(await last(requests), context)) as object;
    },
  };
}

const untilAborted = whenAllCame(async (_request, { signal }) => {
  await new Promise((resolve) => signal.addEventListener("abort", resolve));
  return {};
});

const failing = (error: Error): ProbeServicer =>
  whenAllCame(() => {
    throw error;
  });

const lines = (): Line[] =>
  text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line));

/** Waits for the line that tells of calls whose handlers never ran: of such a call it is the only one. */
async function expectUnbegun(): Promise<void> {
  const told = () => lines().filter(({ msg }) => msg !== "server.started");
  await expect
    .poll(told, { timeout: 10_000 })
    .toMatchObject([{ level: LEVEL.warn, msg: "server.calls_unbegun", left: 1 }]);
}

/** Waits for the end of the call, and returns all that was logged of it: by whatever name, at whatever level. */
async function callLines(kind: Kind): Promise<{ request: Line; response: Line }> {
  const all = () => lines().filter(({ msg }) => !msg.startsWith("server."));
  await expect.poll(() => all().some(({ msg }) => msg === `${kind}.response`)).toBe(true);
  // What is too much may come late.
  await new Promise((resolve) => setImmediate(resolve));
  expect(all().map(({ msg }) => msg)).toEqual([`${kind}.request`, `${kind}.response`]);
  const [request, response] = all();
  if (request === undefined || response === undefined) {
    throw new Error("there are two");
  }
  for (const line of [request, response]) {
    expect(line).toMatchObject({
      service: "probe.v1.ProbeService",
      path: `/probe.v1.ProbeService/${ProbeService.method[kind].name}`,
      peer: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
      request_id: expect.any(String),
    });
  }
  expect(request.level).toBe(LEVEL.info);
  expect(request.request_id).toBe(response.request_id);
  expect(response.duration_ms).toEqual(expect.any(Number));
  expect(text).not.toContain(SECRET);
  return { request, response };
}

const send = (kind: Kind, options: Parameters<RawClient["call"]>[2] = {}) =>
  client.call(ProbeService.method[kind], [secretive], options);

const INTERNAL_TEXT = /^Internal error \(error id [0-9a-f]{12}\)$/;

describe.each(KINDS)("a call of the kind %s", (kind) => {
  it("that ends well", async () => {
    await serve(whenAllCame(() => ({ id: "answer", token: SECRET })));
    await send(kind);
    const { request, response } = await callLines(kind);
    expect(request.request_id).toBe("r-1");
    expect(request.payload).toBe(
      'id: "r-1" secret: [REDACTED] nested { name: "shown" password: [REDACTED] child { password: [REDACTED] ' +
        "children { password: [REDACTED] } children { child { password: [REDACTED] } } } }",
    );
    expect(response).toMatchObject({ level: LEVEL.info, status: "OK" });
    expect(response.error).toBeUndefined();
    const streams = kind === "serverStream" || kind === "bidiStream";
    expect(response.payload).toBe(streams ? undefined : 'id: "answer" token: [REDACTED]');
    expect(response.responses).toBe(streams ? 1 : undefined);
    expect(response.requests).toBe(kind === "clientStream" || kind === "bidiStream" ? 1 : undefined);
  });

  it.each<[string, Error, number, object]>([
    [
      "a declared error",
      new TooLowError({ balance: "3" }),
      LEVEL.warn,
      { status: "FAILED_PRECONDITION", code: "TOO_LOW", error: "Balance 3 is too low" },
    ],
    ["a declared one to be retried", new BusyError(), LEVEL.warn, { status: "UNAVAILABLE", code: "BUSY" }],
    ["an undeclared one", new SurpriseError(), LEVEL.error, { status: "ABORTED", code: "SURPRISE", undeclared: true }],
    [
      "an unknown one",
      new TypeError("the reason"),
      LEVEL.error,
      { status: "INTERNAL", error: expect.stringMatching(INTERNAL_TEXT), err: { message: "the reason" } },
    ],
  ])("that ends with %s", async (_what, error, level, fields) => {
    await serve(failing(error));
    await send(kind);
    const { response } = await callLines(kind);
    expect(response).toMatchObject({ level, ...fields });
    expect(response.payload).toBeUndefined();
  });

  it("that is cancelled while its handler runs", async () => {
    await serve(untilAborted);
    const call = client.open(ProbeService.method[kind]);
    await call.send(secretive);
    call.halfClose();
    await expect.poll(() => lines().some(({ msg }) => msg === `${kind}.request`)).toBe(true);
    call.cancel();
    const { response } = await callLines(kind);
    expect(response).toMatchObject({ level: LEVEL.warn, status: "CANCELLED" });
  });

  it("that is cancelled before anything came of it", async () => {
    await serve(untilAborted);
    const http2 = new RawHttp2(server.address);
    http2.write(RawHttp2.headers(`/probe.v1.ProbeService/${ProbeService.method[kind].name}`), RawHttp2.cancel());
    if (
      ProbeService.method[kind].methodKind === "unary" ||
      ProbeService.method[kind].methodKind === "server_streaming"
    ) {
      // Its handler never ran: such calls are counted, and told together.
      await expectUnbegun();
    } else {
      const { request, response } = await callLines(kind);
      expect(request.payload).toBeUndefined();
      expect(response).toMatchObject({ level: LEVEL.warn, status: "CANCELLED" });
    }
    http2.socket.destroy();
  });

  it("whose caller's connection is lost", async () => {
    await serve(untilAborted);
    const http2 = new RawHttp2(server.address);
    http2.write(RawHttp2.headers(`/probe.v1.ProbeService/${ProbeService.method[kind].name}`), RawHttp2.emptyMessage());
    // The server's SETTINGS, and its answer to ours: it reads.
    await expect.poll(() => http2.received.filter(({ type }) => type === FRAME.settings)).toHaveLength(2);
    http2.socket.destroy();
    if (
      ProbeService.method[kind].methodKind === "unary" ||
      ProbeService.method[kind].methodKind === "server_streaming"
    ) {
      await expectUnbegun();
    } else {
      const { response } = await callLines(kind);
      expect(response).toMatchObject({ level: LEVEL.warn, status: "CANCELLED" });
    }
  });

  it("whose deadline passes", async () => {
    await serve(untilAborted);
    // As a header, so that only the server watches it: a client that did would reset the call at about the same moment.
    const metadata = new Metadata();
    metadata.set("grpc-timeout", "100m");
    expect((await send(kind, { metadata })).code).toBe(GrpcStatus.DEADLINE_EXCEEDED);
    const { response } = await callLines(kind);
    expect(response).toMatchObject({ level: LEVEL.warn, status: "DEADLINE_EXCEEDED", error: "Deadline exceeded" });
  });

  it.each([
    ["its method allows", { maxRequestBytes: 1000 }, 2_000, /^The request has \d+ bytes, and the limit is 1000$/],
    ["the server takes", {}, 5 * 1024 * 1024, /^The request has \d+ bytes, and the limit is 4194304$/],
  ])("whose request is larger than %s", async (_what, policy, bytes, error) => {
    await serve(
      whenAllCame(() => ({})),
      { policy },
    );
    await client.call(ProbeService.method[kind], [{ ...secretive, padding: new Uint8Array(bytes) }]);
    const { request, response } = await callLines(kind);
    expect(request.payload).toBeUndefined();
    expect(response).toMatchObject({
      level: LEVEL.error,
      status: "RESOURCE_EXHAUSTED",
      error: expect.stringMatching(error),
    });
  });

  it("whose response is too large", async () => {
    await serve(
      whenAllCame(() => ({ padding: new Uint8Array(2_000), token: SECRET })),
      { policy: { maxResponseBytes: 1000 } },
    );
    await send(kind);
    const { response } = await callLines(kind);
    expect(response).toMatchObject({
      level: LEVEL.error,
      status: "RESOURCE_EXHAUSTED",
      error: expect.stringMatching(/^The response has \d+ bytes, and the limit is 1000$/),
    });
    expect(response.payload).toBeUndefined();
  });

  it("whose request can't be decoded", async () => {
    await serve(whenAllCame(() => ({})));
    const undecodable = Buffer.concat([Buffer.from([0x0a, 0xff]), Buffer.from(SECRET)]);
    await send(kind, { encode: () => undecodable });
    const { request, response } = await callLines(kind);
    expect(request.payload).toBeUndefined();
    expect(response).toMatchObject({
      level: LEVEL.error,
      status: "INTERNAL",
      error: "Error deserializing request",
      err: { message: expect.any(String) },
    });
  });

  it("whose response can't be encoded", async () => {
    await serve(whenAllCame(() => ({ count: SECRET as unknown as bigint })));
    await send(kind);
    const all = () => lines().filter(({ msg }) => !msg.startsWith("server."));
    await expect.poll(() => all().map(({ msg }) => msg)).toEqual([`${kind}.request`, `${kind}.response`]);
    expect(all()[1]).toMatchObject({
      level: LEVEL.error,
      status: "INTERNAL",
      error: expect.stringMatching(/^Error serializing response \(error id [0-9a-f]{12}\)$/),
    });
  });

  it("whose caller nobody knows", async () => {
    await serve(
      whenAllCame(() => ({})),
      { policy: { auth: { requirement: "required" } }, auth: () => undefined },
    );
    await send(kind);
    const { response } = await callLines(kind);
    expect(response).toMatchObject({ level: LEVEL.warn, status: "UNAUTHENTICATED" });
  });

  it("that the server's end cuts short", async () => {
    await serve(untilAborted, { drainMs: 50 });
    const call = send(kind);
    await expect.poll(() => lines().some(({ msg }) => msg === `${kind}.request`)).toBe(true);
    const closed = server.server.drain("test");
    expect((await call).code).toBe(GrpcStatus.UNAVAILABLE);
    await closed;
    const { response } = await callLines(kind);
    expect(response).toMatchObject({ status: "UNAVAILABLE", error: expect.any(String) });
  });

  it("has its payload and its log context cut, however much it sends", async () => {
    await serve(whenAllCame(() => ({ id: "y".repeat(100_000) })));
    await client.call(ProbeService.method[kind], [{ id: "x".repeat(1_000_000) }]);
    const { request, response } = await callLines(kind);
    expect(request.payload).toBe(`id: "${"x".repeat(2048 - 5)}…`);
    expect(String(request.request_id)).toMatch(/^x{1000,1024}…$/);
    if (response.payload !== undefined) {
      expect(response.payload).toBe(`id: "${"y".repeat(2048 - 5)}…`);
    }
    expect(text.length).toBeLessThan(10_000);
  });
});

it.each(["unary", "serverStream"] as const)("%s with no request, or with two", async (kind) => {
  await serve(whenAllCame(() => ({})));
  await client.call(ProbeService.method[kind], []);
  const { request, response } = await callLines(kind);
  expect(request.payload).toBeUndefined();
  expect(response).toMatchObject({ level: LEVEL.error, status: "UNIMPLEMENTED", error: expect.any(String) });
  text = "";
  await client.call(ProbeService.method[kind], [secretive, secretive]);
  expect((await callLines(kind)).response).toMatchObject({ level: LEVEL.error, status: "UNIMPLEMENTED" });
});

it("payloads can be left out altogether", async () => {
  await serve(
    whenAllCame(() => ({ id: "answer" })),
    { payloadLimit: 0 },
  );
  await send("unary");
  const { request, response } = await callLines("unary");
  expect([request.payload, response.payload]).toEqual([undefined, undefined]);
});
