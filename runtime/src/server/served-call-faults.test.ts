import { connect } from "node:http2";
import { status as GrpcStatus, Metadata } from "@grpc/grpc-js";
import { afterEach, describe, expect, it } from "vitest";
import { ProbeService } from "../../test-support/gen/probe/v1/probe_pb.js";
import {
  BusyError,
  bindProbe,
  NeverAgainError,
  PROBE_ERROR_MAP,
  ProbeError,
  ProbeOtherError,
  type ProbeServicer,
  ProbeUnavailableError,
  SurpriseError,
  TooLowError,
} from "../../test-support/probe-service.js";
import { RawClient } from "../../test-support/raw-client.js";
import { RawHttp2 } from "../../test-support/raw-http2.js";
import type { CallContext } from "../call/call-context.js";
import { ContractError } from "../errors/contract-error.js";
import { unpackPushback, unpackStatusDetails } from "../errors/status-details.js";
import { MemoryLogger, startTestServer, type TestServer } from "../testing/index.js";

// What goes wrong in handlers, at callers and between them. An unhandled rejection in any of it fails the run.

let running: TestServer;
let client: RawClient;
let logger: MemoryLogger;

afterEach(async () => {
  client.close();
  await running.close();
});

async function serve(servicer: ProbeServicer, options: Parameters<typeof bindProbe>[1] = {}): Promise<RawClient> {
  logger = new MemoryLogger();
  running = await startTestServer([bindProbe(servicer, options)], { logger });
  client = new RawClient(running.address);
  return client;
}

const { unary, clientStream, serverStream, bidiStream } = ProbeService.method;

const lineNamed = (name: string) => logger.lines.filter(({ message }) => message === name);

describe("what a handler throws", () => {
  class DriverError extends Error {}
  class UniqueViolation extends DriverError {}

  it.each([
    ["a string", "oops"],
    ["undefined", undefined],
    ["null", null],
    ["a number", 7],
    ["an object that looks like a gRPC error", { code: 5, details: "not here" }],
    ["a frozen error", Object.freeze(new Error("frozen"))],
    [
      "a proxy that throws when it is looked at",
      new Proxy(
        {},
        {
          get: () => {
            throw new Error("don't look");
          },
          has: () => {
            throw new Error("don't look");
          },
          getPrototypeOf: () => {
            throw new Error("don't look");
          },
        },
      ),
    ],
  ])("hides %s", async (_name, thrown) => {
    const caller = await serve({
      unary: () => {
        throw thrown;
      },
    });
    const seen = await caller.call(unary, [{}]);
    expect(seen.code).toBe(GrpcStatus.INTERNAL);
    expect(seen.details).toMatch(/^Internal error \(error id /);
    await expect.poll(() => lineNamed("unary.response")[0]?.fields.err).toBeInstanceOf(Error);
  });

  it("is the same whether it is thrown at once, later, or from the iteration", async () => {
    const caller = await serve({
      unary: () => {
        throw new TooLowError({ balance: "1" });
      },
      serverStream: () => {
        throw new TooLowError({ balance: "2" });
      },
      async *bidiStream() {
        yield { id: "first" };
        throw new TooLowError({ balance: "3" });
      },
    });
    expect((await caller.call(unary, [{}])).details).toBe("Balance 1 is too low");
    expect((await caller.call(serverStream, [{}])).details).toBe("Balance 2 is too low");
    const third = await caller.call(bidiStream, [{}]);
    expect(third.responses.map(({ id }) => id)).toEqual(["first"]);
    expect(third.details).toBe("Balance 3 is too low");
    expect(unpackStatusDetails(third.trailers, PROBE_ERROR_MAP)?.code).toBe("TOO_LOW");
  });

  it("is sent but called undeclared if the method doesn't declare it", async () => {
    const caller = await serve({
      unary: () => {
        throw new SurpriseError();
      },
    });
    const seen = await caller.call(unary, [{}]);
    expect(seen.code).toBe(GrpcStatus.ABORTED);
    expect(unpackStatusDetails(seen.trailers, PROBE_ERROR_MAP)?.code).toBe("SURPRISE");
    await expect
      .poll(() => lineNamed("unary.response"))
      .toMatchObject([
        { level: "error", fields: { undeclared: true, code: "SURPRISE", err: { name: "SurpriseError" } } },
      ]);
  });

  const SECRET_INIT = {
    code: "DB_DOWN",
    status: 14,
    message: "db-7.internal is down",
    metadata: { host: "db-7" },
  } as const;
  class ForeignError extends ContractError {}

  it.each([
    ["a category's class", () => new ProbeUnavailableError(SECRET_INIT)],
    ["the package's base class", () => new (class extends ProbeError {})(SECRET_INIT)],
    ["another package's class", () => new ForeignError(SECRET_INIT)],
    ["ContractError itself", () => Reflect.construct(ContractError as never, [SECRET_INIT]) as ContractError],
    ["a declared code, by another class", () => new ProbeOtherError({ ...SECRET_INIT, code: "TOO_LOW" })],
  ])("leaves as INTERNAL and nothing else if no catalogue declares it: %s", async (_name, make) => {
    const fail = () => {
      throw make();
    };
    const caller = await serve({ unary: fail, clientStream: fail, serverStream: fail, bidiStream: fail });
    for (const method of [unary, clientStream, serverStream, bidiStream]) {
      const seen = await caller.call(method, [{}]);
      expect(seen.code).toBe(GrpcStatus.INTERNAL);
      expect(seen.details).toMatch(/^Internal error \(error id [0-9a-f]+\)$/);
      expect(JSON.stringify(seen.trailers.toJSON())).not.toMatch(/db-7|DB_DOWN|TOO_LOW/);
      await expect
        .poll(() => lineNamed(`${method.localName}.response`))
        .toMatchObject([
          {
            level: "error",
            fields: {
              undeclared: true,
              err: { message: SECRET_INIT.message, code: expect.any(String), stack: expect.any(String) },
            },
          },
        ]);
    }
  });

  it("isn't passed on from another server, unless the method declares it", async () => {
    const caller = await serve({
      unary: ({ action }) => {
        throw action === "declared"
          ? new TooLowError({ balance: "9" }, { remote: true })
          : new SurpriseError({}, { remote: true });
      },
    });
    expect((await caller.call(unary, [{ action: "declared" }])).code).toBe(GrpcStatus.FAILED_PRECONDITION);
    expect((await caller.call(unary, [{}])).code).toBe(GrpcStatus.INTERNAL);
  });

  it("goes through the user's pairs, the most derived class first", async () => {
    const errors = PROBE_ERROR_MAP.extend([
      [DriverError, () => new SurpriseError()],
      [UniqueViolation, (error: UniqueViolation) => new TooLowError({ balance: error.message })],
    ]);
    const caller = await serve(
      {
        unary: ({ action }) => {
          throw action === "unique" ? new UniqueViolation("7") : new DriverError("connection lost");
        },
      },
      { errors },
    );
    expect((await caller.call(unary, [{ action: "unique" }])).details).toBe("Balance 7 is too low");
    expect((await caller.call(unary, [{}])).details).toBe("Surprise");
    // The driver's own error is in the log.
    await expect
      .poll(() => lineNamed("unary.response").map(({ fields }) => fields.err))
      .toMatchObject([{ name: "UniqueViolation" }, { name: "SurpriseError" }]);
  });

  it("is unknown if a pair's converter throws itself", async () => {
    const errors = PROBE_ERROR_MAP.extend([
      [
        DriverError,
        () => {
          throw new TypeError("the converter is broken");
        },
      ],
    ]);
    const thrown = new DriverError("first");
    const caller = await serve(
      {
        unary: () => {
          throw thrown;
        },
      },
      { errors },
    );
    expect((await caller.call(unary, [{}])).code).toBe(GrpcStatus.INTERNAL);
    await expect
      .poll(() => lineNamed("unary.response")[0]?.fields.err)
      .toMatchObject({
        errors: [{ name: "DriverError", message: "first" }],
        cause: { message: "the converter is broken" },
      });
  });

  it("carries a delay, a help link and the end of retries", async () => {
    const caller = await serve({
      unary: ({ action }) => {
        throw action === "never"
          ? new NeverAgainError()
          : new BusyError({}, action ? { retryAfterMs: Number(action) } : {});
      },
    });
    const busy = await caller.call(unary, [{}]);
    expect(unpackPushback(busy.trailers)).toBe(1500);
    expect(unpackStatusDetails(busy.trailers, PROBE_ERROR_MAP)).toMatchObject({
      retryAfterMs: 1500,
      docUrl: "https://example.com/busy",
    });
    expect(unpackPushback((await caller.call(unary, [{ action: "20" }])).trailers)).toBe(20);
    expect(unpackPushback((await caller.call(unary, [{ action: "never" }])).trailers)).toBe(-1);
    // A delay that makes no sense isn't sent, and takes nothing else with it.
    const nonsense = await caller.call(unary, [{ action: "NaN" }]);
    expect(unpackPushback(nonsense.trailers)).toBeUndefined();
    expect(unpackStatusDetails(nonsense.trailers, PROBE_ERROR_MAP)?.code).toBe("BUSY");
  });

  it("is cut to what trailers can carry, between two characters", async () => {
    const caller = await serve({
      unary: () => {
        throw new TooLowError({ balance: "💰".repeat(50_000) }, { message: `half a \uD83D pair ${"ü".repeat(5000)}` });
      },
    });
    const seen = await caller.call(unary, [{}]);
    expect(seen.code).toBe(GrpcStatus.FAILED_PRECONDITION);
    expect(seen.details).toMatch(/^half a \uFFFD pair ü+…$/);
    const details = unpackStatusDetails(seen.trailers, PROBE_ERROR_MAP);
    expect(details?.code).toBe("TOO_LOW");
    expect(details?.metadata.balance).toMatch(/^(💰)+…$/u);
    const [encoded] = seen.trailers.get("grpc-status-details-bin") as Buffer[];
    // Beside a message of 1 KiB, what is left of 3.5 KiB, in base64.
    expect(encoded?.byteLength).toBeLessThanOrEqual(1_535);
    expect(encoded?.byteLength).toBeGreaterThan(1_435);
  });

  it("is an error too if it returns nothing", async () => {
    const caller = await serve({ unary: () => undefined as never, serverStream: () => undefined as never });
    expect((await caller.call(unary, [{}])).details).toMatch(/^Error serializing response/);
    expect((await caller.call(serverStream, [{}])).details).toMatch(/^Internal error/);
  });

  it("doesn't trip over headers of which HTTP/2 takes one value", async () => {
    const caller = await serve({
      unary: (_request, context) => {
        for (const metadata of [context.responseHeaders, context.responseTrailers]) {
          metadata.add("age", "1");
          metadata.add("age", "2");
        }
        return {};
      },
    });
    const seen = await caller.call(unary, [{}]);
    expect(seen.code).toBe(GrpcStatus.OK);
    expect(seen.headers?.get("age")).toEqual(["2"]);
  });

  it("may be a header that can't be sent at all", async () => {
    const caller = await serve({
      unary: (_request, context) => {
        context.responseHeaders.toHttp2Headers = () => {
          throw new Error("no headers today");
        };
        return {};
      },
    });
    expect((await caller.call(unary, [{}])).code).toBe(GrpcStatus.INTERNAL);
    await expect
      .poll(() => lineNamed("unary.response"))
      .toMatchObject([{ fields: { status: "INTERNAL", err: { message: "no headers today" } } }]);
  });
});

describe("what a caller does", () => {
  it("sends no request, or two", async () => {
    const caller = await serve({ unary: () => ({}) });
    expect((await caller.call(unary, [])).code).toBe(GrpcStatus.UNIMPLEMENTED);
    expect((await caller.call(unary, [{}, {}])).code).toBe(GrpcStatus.UNIMPLEMENTED);
    await expect.poll(() => lineNamed("unary.response")).toHaveLength(2);
  });

  it("sends a stream of no requests", async () => {
    const caller = await serve({
      async clientStream(requests) {
        let count = 0n;
        for await (const _ of requests) {
          count += 1n;
        }
        return { count };
      },
    });
    expect((await caller.call(clientStream, [])).responses[0]?.count).toBe(0n);
    await expect
      .poll(() => logger.lines.filter(({ message }) => message.startsWith("clientStream.")))
      .toMatchObject([
        { message: "clientStream.request", fields: { path: "/probe.v1.ProbeService/ClientStream" } },
        { message: "clientStream.response", fields: { requests: 0, status: "OK" } },
      ]);
  });

  it("resets the stream together with its beginning", async () => {
    let called = false;
    await serve({
      unary: () => {
        called = true;
        return {};
      },
    });
    const http2 = new RawHttp2(running.address);
    http2.write(RawHttp2.headers("/probe.v1.ProbeService/Unary"), RawHttp2.emptyMessage(), RawHttp2.cancel());
    await expect
      .poll(() => lineNamed("unary.response"))
      .toMatchObject([{ level: "debug", fields: { status: "CANCELLED" } }]);
    expect(lineNamed("unary.request")).toEqual([]);
    await expect
      .poll(() => logger.lines.filter(({ message }) => message === "server.calls_unbegun"))
      .toMatchObject([{ level: "warn", fields: { left: 1, shed: 0 } }]);
    expect(called).toBe(false);
    http2.socket.destroy();
  });

  it("vanishes with its connection", async () => {
    let aborted = false;
    await serve({
      async *serverStream(_request, context) {
        context.signal.addEventListener("abort", () => {
          aborted = true;
        });
        yield { id: "1" };
        await new Promise(() => {});
      },
    });
    const session = connect(`http://${running.address}`);
    const stream = session.request({
      ":method": "POST",
      ":path": "/probe.v1.ProbeService/ServerStream",
      "content-type": "application/grpc",
      te: "trailers",
    });
    stream.on("error", () => {});
    stream.end(Buffer.from([0, 0, 0, 0, 0]));
    await new Promise((resolve) => stream.once("data", resolve));
    session.destroy();
    await expect.poll(() => aborted).toBe(true);
    await expect
      .poll(() => lineNamed("serverStream.response"))
      .toMatchObject([{ fields: { status: "CANCELLED", responses: 1 } }]);
  });

  it("sends a message with a length that never comes", async () => {
    await serve({ unary: () => ({}) });
    const session = connect(`http://${running.address}`);
    const stream = session.request({
      ":method": "POST",
      ":path": "/probe.v1.ProbeService/Unary",
      "content-type": "application/grpc",
      te: "trailers",
    });
    const status = new Promise((resolve) => stream.once("response", (headers) => resolve(headers["grpc-status"])));
    stream.end(Buffer.from([0, 0, 0, 0, 9, 1, 2]));
    expect(await status).toBe(String(GrpcStatus.INTERNAL));
    await expect.poll(() => lineNamed("unary.response")).toHaveLength(1);
    session.destroy();
  });

  it("names a timeout that makes no sense", async () => {
    await serve({ unary: () => ({}) });
    const session = connect(`http://${running.address}`);
    const stream = session.request({
      ":method": "POST",
      ":path": "/probe.v1.ProbeService/Unary",
      "content-type": "application/grpc",
      te: "trailers",
      "grpc-timeout": "soon",
    });
    const status = new Promise((resolve) => stream.once("response", (headers) => resolve(headers["grpc-status"])));
    expect(await status).toBe(String(GrpcStatus.INTERNAL));
    await expect.poll(() => lineNamed("unary.response")).toMatchObject([{ fields: { status: "INTERNAL" } }]);
    session.destroy();
  });
});

describe("after the end of a call", () => {
  it.each([
    ["returned", () => ({ id: "late" })],
    [
      "threw",
      (): never => {
        throw new Error("late");
      },
    ],
  ])("drops what a handler %s that didn't heed the cancellation", async (late, action) => {
    let finish: (() => void) | undefined;
    const caller = await serve({
      unary: async () => {
        await new Promise<void>((resolve) => {
          finish = resolve;
        });
        return action();
      },
    });
    const call = caller.open(unary);
    await call.send({});
    call.halfClose();
    await expect.poll(() => finish).toBeDefined();
    call.cancel();
    await expect.poll(() => lineNamed("unary.response")).toHaveLength(1);
    finish?.();
    await expect
      .poll(() => logger.lines.filter(({ message }) => message.includes(late)))
      .toMatchObject([{ level: "debug" }]);
    expect(lineNamed("unary.response")).toHaveLength(1);
  });

  it("doesn't end an iterator that has failed by itself", async () => {
    let returned = false;
    const caller = await serve({
      serverStream: () => ({
        [Symbol.asyncIterator]: () => ({
          next: () => Promise.reject(new TooLowError({ balance: "1" })),
          return: async () => {
            returned = true;
            return { done: true, value: undefined };
          },
        }),
      }),
    });
    expect((await caller.call(serverStream, [{}])).code).toBe(GrpcStatus.FAILED_PRECONDITION);
    await expect.poll(() => lineNamed("serverStream.response")).toHaveLength(1);
    expect(returned).toBe(false);
  });

  it.each(["at a yield", "inside"])(
    "ends the handler's generator when the caller leaves while it waits %s",
    async (where) => {
      let cleaned = false;
      let started = false;
      const caller = await serve({
        async *serverStream(_request, context) {
          try {
            for (;;) {
              started = true;
              if (where === "inside") {
                await new Promise((resolve) => context.signal.addEventListener("abort", resolve));
              }
              yield { padding: new Uint8Array(64 * 1024) };
            }
          } finally {
            cleaned = true;
          }
        },
      });
      const call = caller.open(serverStream);
      call.pause();
      await call.send({});
      call.halfClose();
      await expect.poll(() => started).toBe(true);
      expect(cleaned).toBe(false);
      call.cancel();
      await expect.poll(() => cleaned).toBe(true);
      await expect.poll(() => lineNamed("serverStream.response")).toHaveLength(1);
    },
  );

  it("logs what a generator throws in its `finally`", async () => {
    let started = false;
    const caller = await serve({
      async *serverStream() {
        try {
          for (;;) {
            started = true;
            yield { padding: new Uint8Array(64 * 1024) };
          }
        } finally {
          // biome-ignore lint/correctness/noUnsafeFinally: that is what is tested
          throw new Error("the clean-up broke");
        }
      },
    });
    const call = caller.open(serverStream);
    call.pause();
    await call.send({});
    call.halfClose();
    await expect.poll(() => started).toBe(true);
    call.cancel();
    await expect
      .poll(() => logger.lines.filter(({ message }) => message.includes("clean-up failed")))
      .toMatchObject([{ level: "error", fields: { err: { message: "the clean-up broke" } } }]);
    expect(lineNamed("serverStream.response")).toHaveLength(1);
  });

  it.each([
    ["resets its stream", [RawHttp2.cancel()]],
    // Node's HTTP/2 does that, and so does each grpc-js client.
    ["half-closes its stream and resets it", [RawHttp2.halfClose(), RawHttp2.cancel()]],
  ])("throws the cancellation into a handler that waits for requests when the caller %s", async (_how, frames) => {
    let outcome: unknown = "waiting";
    let read = 0;
    await serve({
      async clientStream(requests) {
        try {
          for await (const _ of requests) {
            read += 1;
          }
          outcome = "took half of the requests for all of them";
        } catch (error) {
          outcome = error;
          throw error;
        }
        return {};
      },
    });
    const http2 = new RawHttp2(running.address);
    http2.write(RawHttp2.headers("/probe.v1.ProbeService/ClientStream"), RawHttp2.emptyMessage());
    await expect.poll(() => read).toBe(1);
    http2.write(...frames);
    await expect.poll(() => outcome).not.toBe("waiting");
    expect(outcome).toMatchObject({ name: "AbortError" });
    await expect
      .poll(() => lineNamed("clientStream.response"))
      .toMatchObject([{ fields: { requests: 1, status: "CANCELLED" } }]);
    http2.socket.destroy();
  });
});

describe("streams", () => {
  it("may be answered before the caller has sent all", async () => {
    const caller = await serve({
      async clientStream(requests) {
        for await (const request of requests) {
          return { id: request.id };
        }
        return {};
      },
    });
    const call = caller.open(clientStream);
    await call.send({ id: "first" });
    const seen = await call.seen;
    expect(seen.code).toBe(GrpcStatus.OK);
    expect(seen.responses[0]?.id).toBe("first");
  });

  it("go both ways at the same time", async () => {
    const caller = await serve({
      async *bidiStream(requests) {
        for await (const { id } of requests) {
          yield { id: `${id}!` };
        }
      },
    });
    const call = caller.open(bidiStream);
    for (const id of ["a", "b", "c"]) {
      await call.send({ id });
      await expect.poll(() => call.responses.at(-1)?.id).toBe(`${id}!`);
    }
    call.halfClose();
    expect((await call.seen).responses).toHaveLength(3);
  });

  it("hold the handler back while the caller doesn't read", async () => {
    let sent = 0;
    const caller = await serve({
      async *serverStream() {
        for (; sent < 400; sent += 1) {
          yield { padding: new Uint8Array(64 * 1024) };
        }
      },
    });
    const call = caller.open(serverStream);
    call.pause();
    await call.send({});
    call.halfClose();
    // It stands still: what fits into the windows and buffers of both sides, and no more.
    let before = -1;
    await expect
      .poll(
        () => {
          const still = sent > 0 && sent === before;
          before = sent;
          return still;
        },
        { interval: 100 },
      )
      .toBe(true);
    expect(sent).toBeLessThan(40);
    call.resume();
    const seen = await call.seen;
    expect(seen.code).toBe(GrpcStatus.OK);
    expect(seen.responses).toHaveLength(400);
  });

  it("hold the caller back while the handler doesn't read", async () => {
    let go: () => void = () => {};
    const gate = new Promise<void>((resolve) => {
      go = resolve;
    });
    let read = 0;
    const caller = await serve({
      async clientStream(requests) {
        await gate;
        for await (const _ of requests) {
          read += 1;
        }
        return { count: BigInt(read) };
      },
    });
    const call = caller.open(clientStream);
    let sent = 0;
    const sending = (async () => {
      for (; sent < 400; sent += 1) {
        await call.send({ padding: new Uint8Array(64 * 1024) });
      }
      call.halfClose();
    })();
    let before = -1;
    await expect
      .poll(
        () => {
          const still = sent > 0 && sent === before;
          before = sent;
          return still;
        },
        { interval: 100 },
      )
      .toBe(true);
    expect(sent).toBeLessThan(40);
    go();
    await sending;
    expect((await call.seen).responses[0]?.count).toBe(400n);
  });

  it("tell a handler that sends headers early from one that doesn't", async () => {
    let headersSent: () => void = () => {};
    const caller = await serve({
      async *serverStream(_request: unknown, context: CallContext) {
        context.responseHeaders.set("x-ready", "yes");
        context.sendHeaders();
        context.sendHeaders();
        await new Promise<void>((resolve) => {
          headersSent = resolve;
        });
        yield {};
      },
    });
    const call = caller.open(serverStream);
    await call.send({});
    call.halfClose();
    await expect.poll(() => logger.lines.length).toBeGreaterThan(1);
    headersSent();
    expect((await call.seen).headers?.get("x-ready")).toEqual(["yes"]);
  });
});

it("goes well with a logger that throws", async () => {
  const broken = (): never => {
    throw new Error("EPIPE");
  };
  running = await startTestServer([bindProbe({ unary: ({ id }) => ({ id }) })], {
    logger: { debug: broken, info: broken, warn: broken, error: broken },
  });
  client = new RawClient(running.address);
  expect((await client.call(unary, [{ id: "a" }])).responses[0]?.id).toBe("a");
});

describe("auth", () => {
  const required = { auth: { requirement: "required", scopes: ["write"] } } as const;

  async function serveWithAuth(servicer: ProbeServicer): Promise<RawClient> {
    logger = new MemoryLogger();
    const policies = {
      unary: required,
      clientStream: required,
      serverStream: { auth: { requirement: "optional" } },
      bidiStream: {},
    } as const;
    running = await startTestServer([bindProbe(servicer, { policies })], {
      logger,
      auth: async (metadata) => {
        const [token] = metadata.get("authorization");
        if (token === "broken") {
          throw new Error("the key server is away");
        }
        return token === undefined
          ? undefined
          : { subject: String(token), scopes: token === "writer" ? ["write"] : [] };
      },
    });
    client = new RawClient(running.address);
    return client;
  }

  it("lets nobody in but those who may", async () => {
    const { identityKey } = await import("./identity.js");
    const who = (context: CallContext) => ({ id: context.values.get(identityKey)?.subject ?? "nobody" });
    const caller = await serveWithAuth({
      unary: (_request, context) => who(context),
      clientStream: async (_requests, context) => who(context),
      async *serverStream(_request, context) {
        yield who(context);
      },
      async *bidiStream(_requests, context) {
        yield who(context);
      },
    });
    const as = (token?: string): { metadata: Metadata } => {
      const metadata = new Metadata();
      if (token !== undefined) {
        metadata.set("authorization", token);
      }
      return { metadata };
    };
    expect((await caller.call(unary, [{}], as())).code).toBe(GrpcStatus.UNAUTHENTICATED);
    expect((await caller.call(clientStream, [{}], as())).code).toBe(GrpcStatus.UNAUTHENTICATED);
    expect((await caller.call(unary, [{}], as("reader"))).details).toBe("This call needs the scopes: write");
    expect((await caller.call(unary, [{}], as("reader"))).code).toBe(GrpcStatus.PERMISSION_DENIED);
    expect((await caller.call(unary, [{}], as("writer"))).responses[0]?.id).toBe("writer");
    expect((await caller.call(serverStream, [{}], as())).responses[0]?.id).toBe("nobody");
    expect((await caller.call(serverStream, [{}], as("reader"))).responses[0]?.id).toBe("reader");
    // The verifier isn't asked.
    expect((await caller.call(bidiStream, [{}], as("reader"))).responses[0]?.id).toBe("nobody");
    expect((await caller.call(unary, [{}], as("broken"))).code).toBe(GrpcStatus.INTERNAL);
    await expect
      .poll(() => lineNamed("unary.response").map(({ level }) => level))
      .toEqual(["warn", "warn", "warn", "info", "error"]);
  });
});
