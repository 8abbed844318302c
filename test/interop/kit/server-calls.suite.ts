import { Metadata } from "@grpc/grpc-js";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { CallContext } from "../../../runtime/src/call/call-context.js";
import type { LogLevel } from "../../../runtime/src/log/logger.js";
import { Status, statusName } from "../../../runtime/src/wire/status.js";
import { type ProbeRequest, ProbeService } from "../../../runtime/test-support/gen/probe/v1/probe_pb.js";
import { KINDS, type Kind } from "../../../runtime/test-support/probe-kinds.js";
import {
  BusyError,
  type ProbeServicer,
  SurpriseError,
  TooLowError,
} from "../../../runtime/test-support/probe-service.js";
import { framed, Http2Caller, request, type WireAnswer } from "./http2-caller.js";
import { type CallLines, WatchedServer, type WatchedServerOptions } from "./watched-server.js";

// Each way in which a call can go wrong on a server, for each kind, seen from the wire by a client that knows nothing but
// HTTP/2. Whatever it is: the right status, two log lines, one call in the metrics, nothing held, and the next call is served.

const PATH: Readonly<Record<Kind, string>> = {
  unary: "/probe.v1.ProbeService/Unary",
  clientStream: "/probe.v1.ProbeService/ClientStream",
  serverStream: "/probe.v1.ProbeService/ServerStream",
  bidiStream: "/probe.v1.ProbeService/BidiStream",
};

const INTERNAL_TEXT = /^Internal error \(error id [0-9a-f]{12}\)$/;

let server: WatchedServer;
let caller: Http2Caller;

afterEach(async () => {
  caller.close();
  await server.close();
});

async function serve(servicer: ProbeServicer, options: WatchedServerOptions = {}): Promise<void> {
  server = await WatchedServer.start(servicer, { ...options });
  caller = new Http2Caller(server.address);
}

type Body = (request: ProbeRequest, context: CallContext) => unknown;

/** A servicer whose methods do `body` when they have all requests, and answer with what it returns. */
function servicerOf(body: Body): ProbeServicer {
  const last = async (requests: AsyncIterable<ProbeRequest>): Promise<ProbeRequest> => {
    let received: ProbeRequest | undefined;
    for await (received of requests);
    return received ?? Promise.reject(new Error("no request came"));
  };
  return {
    unary: async (received, context) => (await body(received, context)) as object,
    clientStream: async (requests, context) => (await body(await last(requests), context)) as object,
    async *serverStream(received, context) {
      yield (await body(received, context)) as object;
    },
    async *bidiStream(requests, context) {
      yield (await body(await last(requests), context)) as object;
    },
  };
}

/** A servicer that throws before it has made a promise or an iterator. */
function throwingAtOnce(thrown: unknown): ProbeServicer {
  const broken = (): never => {
    throw thrown;
  };
  return { unary: broken, clientStream: broken, serverStream: broken, bidiStream: broken };
}

/** The call under test with a healthy one before and one after it, all on one connection. */
async function observed(
  kind: Kind,
  body: (received: ProbeRequest, context: CallContext) => unknown,
  make: () => Promise<WireAnswer>,
  options: WatchedServerOptions = {},
): Promise<{ answer: WireAnswer; lines: CallLines }> {
  const healthy = servicerOf(({ id }) => ({ id }));
  const sick = servicerOf(body);
  const either = ((input: ProbeRequest, context: CallContext) =>
    (context.requestMetadata.get("x-healthy").length > 0 ? healthy : sick)[kind]?.(input as never, context)) as never;
  await serve({ ...healthy, [kind]: either }, options);
  return around(kind, make);
}

async function around(kind: Kind, make: () => Promise<WireAnswer>): Promise<{ answer: WireAnswer; lines: CallLines }> {
  const canary = () => caller.call(PATH[kind], [request({ id: "c" })], { "x-healthy": "1" });
  expect((await canary()).status).toBe("0");
  await server.lines(kind, 1);
  const before = server.held();
  const answer = await make();
  const [, lines] = await server.lines(kind, 2);
  await server.holdsNoMoreThan(before);
  const { started, ended } = await server.counted(ProbeService.method[kind].name);
  expect(started).toBe(2);
  expect(Object.values(ended).reduce((sum, count) => sum + count)).toBe(2);
  if (lines === undefined) {
    throw new Error("there are two");
  }
  const status = String(lines.response.fields.status);
  expect(ended[status]).toBeGreaterThanOrEqual(1);
  expect((await canary()).responses.map(({ id }) => id)).toEqual(["c"]);
  await server.lines(kind, 3);
  return { answer, lines };
}

interface Expected {
  readonly status: Status;
  readonly message?: RegExp | string;
  readonly level: LogLevel;
  readonly responses?: number;
}

function expectEnd({ answer, lines }: { answer: WireAnswer; lines: CallLines }, expected: Expected): void {
  const { status, message, level, responses } = expected;
  expect(answer).toMatchObject({ http: 200, status: String(status), rest: 0, reset: 0 });
  if (message !== undefined) {
    expect(answer.message).toMatch(message);
  }
  if (responses !== undefined) {
    expect(answer.responses).toHaveLength(responses);
  }
  expect(lines.response.level).toBe(level);
  expect(lines.response.fields.status).toBe(statusName(status));
}

const ONE = [request({ id: "r" })];

class WrongStatusError extends SurpriseError {
  override readonly status: Status;

  constructor(status: number) {
    super({}, { message: "A status that isn't one" });
    this.status = status as Status;
  }
}

class HostileError extends Error {
  override get message(): string {
    throw new Error("no message");
  }
  override get stack(): string {
    throw new Error("no stack");
  }
  get code(): number {
    throw new Error("no code");
  }
}

const throwing = () => {
  throw new Error("don't look");
};

const WHATEVER: readonly [string, () => unknown][] = [
  ["an error", () => new Error("secret")],
  ["undefined", () => undefined],
  ["null", () => null],
  ["a string", () => "secret"],
  ["a symbol", () => Symbol("secret")],
  ["a frozen object", () => Object.freeze({ secret: 1 })],
  ["an object without a prototype", () => Object.create(null)],
  ["a proxy", () => new Proxy({}, { get: throwing, has: throwing, getPrototypeOf: throwing, ownKeys: throwing })],
  ["a proxy of an error", () => new Proxy(new Error("secret"), { get: throwing, has: throwing, ownKeys: throwing })],
  [
    "a revoked proxy",
    () => {
      const { proxy, revoke } = Proxy.revocable({}, {});
      revoke();
      return proxy;
    },
  ],
  ["an error whose getters throw", () => new HostileError()],
  ["an error with a gRPC code", () => Object.assign(new Error("secret"), { code: 5 })],
  [
    "what a call downstream failed with",
    () =>
      Object.assign(new Error("5 NOT_FOUND: secret"), {
        code: 5,
        details: "secret",
        metadata: new Metadata(),
      }),
  ],
  ["an error of a contract that a server downstream sent", () => new SurpriseError({}, { remote: true })],
  ["a function", () => () => "secret"],
];

describe.each(KINDS)("%s", (kind) => {
  const path = PATH[kind];
  const whole = () => caller.call(path, ONE);

  it("answers", async () => {
    const seen = await observed(kind, ({ id }) => ({ id }), whole);
    expectEnd(seen, { status: Status.OK, level: "info", responses: 1 });
    expect(seen.answer.responses[0]?.id).toBe("r");
  });

  describe("a handler that throws", () => {
    it.each([
      ["a declared error", () => new TooLowError({ balance: "1" }), Status.FAILED_PRECONDITION, "warn"],
      ["one that is declared elsewhere", () => new SurpriseError(), Status.ABORTED, "error"],
    ] as const)("%s", async (_what, thrown, status, level) => {
      const seen = await observed(
        kind,
        () => {
          throw thrown();
        },
        whole,
      );
      expectEnd(seen, { status, level, responses: 0 });
      expect(seen.answer.headers["grpc-status-details-bin"]).toBeDefined();
    });

    describe.each(WHATEVER)("%s", (_what, make) => {
      it("later", async () => {
        const seen = await observed(
          kind,
          () => {
            throw make();
          },
          whole,
        );
        expectEnd(seen, { status: Status.INTERNAL, message: INTERNAL_TEXT, level: "error", responses: 0 });
        expect(seen.lines.response.fields.err).toBeInstanceOf(Error);
        expect(JSON.stringify([seen.answer.headers, seen.answer.trailers])).not.toContain("secret");
      });

      it("at once", async () => {
        const healthy = servicerOf(({ id }) => ({ id }));
        const broken = throwingAtOnce(make());
        const either = ((input: ProbeRequest, context: CallContext) =>
          (context.requestMetadata.get("x-healthy").length > 0 ? healthy : broken)[kind]?.(
            input as never,
            context,
          )) as never;
        await serve({ ...healthy, [kind]: either });
        const seen = await around(kind, whole);
        expectEnd(seen, { status: Status.INTERNAL, message: INTERNAL_TEXT, level: "error", responses: 0 });
      });

      it("by a rejected promise", async () => {
        const seen = await observed(kind, () => Promise.reject(make()), whole);
        expectEnd(seen, { status: Status.INTERNAL, message: INTERNAL_TEXT, level: "error", responses: 0 });
      });
    });

    it.each([0, -1, 17, 99, 1.5, Number.NaN, 2 ** 40])("an error with the status %s", async (status) => {
      const seen = await observed(
        kind,
        () => {
          throw new WrongStatusError(status);
        },
        whole,
      );
      expect(["2", "13"]).toContain(seen.answer.status);
      expect(seen.lines.response.fields.status).toBe(statusName(Number(seen.answer.status) as Status));
      expect(seen.lines.response.level).toBe("error");
    });

    it("half of an emoji", async () => {
      const seen = await observed(
        kind,
        () => {
          throw new TooLowError({ balance: "\uDE00 9 \uD83D" }, { message: "\uD83D low %41 \uDE00\r\n\0" });
        },
        whole,
      );
      expectEnd(seen, { status: Status.FAILED_PRECONDITION, message: "\uFFFD low %41 \uFFFD\r\n\0", level: "warn" });
    });

    it("100 kB of metadata", async () => {
      const metadata = Object.fromEntries(Array.from({ length: 100 }, (_, key) => [`k${key}`, "€".repeat(333)]));
      const seen = await observed(
        kind,
        () => {
          throw new BusyError(metadata);
        },
        whole,
      );
      expectEnd(seen, { status: Status.UNAVAILABLE, level: "warn" });
      expect(String(seen.answer.headers["grpc-status-details-bin"]).length).toBeLessThanOrEqual(4096 * 1.34);
    });

    it("after it has sent headers", async () => {
      const seen = await observed(
        kind,
        (_request, context) => {
          context.responseHeaders.set("x-early", "1");
          context.sendHeaders();
          context.responseHeaders.set("x-late", "1");
          context.sendHeaders();
          throw new TooLowError({ balance: "1" });
        },
        whole,
      );
      expectEnd(seen, { status: Status.FAILED_PRECONDITION, level: "warn", responses: 0 });
      expect(seen.answer.headers).toMatchObject({ "x-early": "1" });
      expect(seen.answer.headers).not.toHaveProperty("x-late");
      expect(seen.answer.trailers["grpc-status-details-bin"]).toBeDefined();
    });
  });

  describe("a handler that answers", () => {
    it.each([
      ["nothing", undefined],
      ["null", null],
      ["a number", 7],
      ["text", "text"],
      ["a field of another type", { count: "seven" }],
      ["a number out of range", { count: 2n ** 64n }],
      ["a proxy", new Proxy({}, { get: throwing, has: throwing, ownKeys: throwing })],
    ])("%s", async (_what, response) => {
      const seen = await observed(kind, () => response, whole);
      expectEnd(seen, {
        status: Status.INTERNAL,
        message: /^(Error serializing response|Internal error) \(error id/,
        level: "error",
      });
      expect(seen.answer.responses).toHaveLength(0);
    });

    it("half of an emoji", async () => {
      const seen = await observed(kind, () => ({ id: "\uD83D" }), whole);
      // Encoders write U+FFFD, or refuse it.
      expect(["0", "13"]).toContain(seen.answer.status);
    });

    it("more than it may", async () => {
      const policies = { [kind]: { maxResponseBytes: 1000 } };
      const body: Body = ({ id }) => ({ id, padding: new Uint8Array(id === "r" ? 1001 : 1) });
      const seen = await observed(kind, body, whole, { policies });
      expectEnd(seen, { status: Status.RESOURCE_EXHAUSTED, level: "error", responses: 0 });
    });

    it("headers and trailers that aren't its to set", async () => {
      const names = [":status", ":path", "grpc-status", "grpc-message", "grpc-encoding", "content-type", "te", "host"];
      names.push("connection", "upgrade", "transfer-encoding", "keep-alive", "proxy-connection", "http2-settings");
      names.push("content-length", "grpc-accept-encoding", "__proto__", "constructor", "trailer", "date", "age");
      const seen = await observed(
        kind,
        ({ id }, { responseHeaders, responseTrailers }) => {
          for (const metadata of [responseHeaders, responseTrailers]) {
            for (const name of names) {
              metadata.add(name, "7");
              metadata.add(name, "8");
            }
            metadata.add("x-two", "1");
            metadata.add("x-two", "2");
            metadata.add("x-two-bin", Buffer.from([0, 255]));
            metadata.add("x-two-bin", Buffer.from([1]));
          }
          return { id };
        },
        whole,
      );
      expectEnd(seen, { status: Status.OK, level: "info", responses: 1 });
      for (const part of [seen.answer.headers, seen.answer.trailers]) {
        expect(part).toMatchObject({ "x-two": "1, 2", "x-two-bin": "AP8, AQ" });
      }
      expect(seen.answer.headers["content-type"]).toMatch(/^application\/grpc/);
      expect(seen.answer.trailers).not.toHaveProperty("te");
    });
  });

  describe("metadata of the handler's that is refused where it is set", () => {
    it.each([
      ["half of an emoji", "x-text", "\uD83D"],
      ["an umlaut", "x-text", "ä"],
      ["a line break", "x-text", "a\r\nb"],
      ["a space in its name", "x text", "1"],
    ])("%s", async (_what, name, value) => {
      const seen = await observed(kind, (_request, context) => context.responseTrailers.set(name, value), whole);
      expectEnd(seen, { status: Status.INTERNAL, message: INTERNAL_TEXT, level: "error" });
    });
  });

  describe("a request", () => {
    const refuses = async (body: readonly Buffer[], expected: Expected, headers = {}, options = {}) => {
      let ran = false;
      const seen = await observed(
        kind,
        () => {
          ran = true;
          return {};
        },
        () => caller.call(path, body, headers),
        options,
      );
      expectEnd(seen, expected);
      expect(ran).toBe(false);
    };

    it("over its method's limit", () =>
      refuses(
        [request({ padding: new Uint8Array(2000) })],
        { status: Status.RESOURCE_EXHAUSTED, level: "error" },
        {},
        { policies: { [kind]: { maxRequestBytes: 1000 } } },
      ));
    it("over the server's limit", () =>
      refuses([framed(new Uint8Array(5_000_000))], { status: Status.RESOURCE_EXHAUSTED, level: "error" }));
    it("that says it has 4 GiB", () =>
      refuses([framed(new Uint8Array(10), { length: 0xffff_ffff })], {
        status: Status.RESOURCE_EXHAUSTED,
        level: "error",
      }));
    it("that can't be decoded", () =>
      refuses([framed(Buffer.from([0xff, 0xff, 0xff]))], { status: Status.INTERNAL, level: "error" }));
    it("with invalid UTF-8", () =>
      refuses([framed(Buffer.from([0x0a, 2, 0xc3, 0x28]))], { status: Status.INTERNAL, level: "error" }));
    it("whose message is cut short", () =>
      refuses([framed(Buffer.from([0x0a, 9, 0x41]))], { status: Status.INTERNAL, level: "error" }));
    it("that ends before its length", () =>
      refuses([framed(Buffer.from([0x0a, 1, 0x41]), { length: 100 })], { status: Status.INTERNAL, level: "error" }));
    it("that ends in its head", () => refuses([Buffer.from([0, 0, 0])], { status: Status.INTERNAL, level: "error" }));
    it("whole, and one that ends before its length", () =>
      refuses([...ONE, framed(Buffer.from([0x0a, 1, 0x41]), { length: 100 })], {
        status: Status.INTERNAL,
        level: "error",
      }));
    it("marked as compressed, without an encoding", () =>
      refuses([framed(Buffer.from([0x0a, 1, 0x41]), { flag: 1 })], { status: Status.INTERNAL, level: "error" }));
    it("marked as compressed, with the encoding identity", () =>
      refuses(
        [framed(Buffer.from([0x0a, 1, 0x41]), { flag: 1 })],
        { status: Status.INTERNAL, level: "error" },
        { "grpc-encoding": "identity" },
      ));
    it("with a flag that doesn't exist", () =>
      refuses([framed(Buffer.from([0x0a, 1, 0x41]), { flag: 2 })], { status: Status.INTERNAL, level: "error" }));
    it("in an encoding that nobody knows", () =>
      refuses(
        [framed(Buffer.from([0x0a, 1, 0x41]), { flag: 1 })],
        { status: Status.UNIMPLEMENTED, level: "error" },
        { "grpc-encoding": "snappy" },
      ));
  });

  describe("a caller that leaves", () => {
    let started: () => void;
    let hasStarted: Promise<void>;
    let signalled: unknown;
    beforeEach(() => {
      signalled = undefined;
      hasStarted = new Promise((resolve) => {
        started = resolve;
      });
    });
    const untilAborted: Body = async (_request, { signal }) => {
      started();
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      signalled = signal.reason;
      return {};
    };

    it.each([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 255])("with RST_STREAM %i", async (code) => {
      const seen = await observed(kind, untilAborted, async () => {
        const { stream, answer } = caller.open(path);
        stream.end(ONE[0]);
        await hasStarted;
        stream.close(code);
        return answer;
      });
      expect(seen.lines.response).toMatchObject({ level: "warn", fields: { status: "CANCELLED" } });
      await expect.poll(() => signalled).toMatchObject({ name: "AbortError" });
    });

    it("before it has said anything", async () => {
      const seen = await observed(kind, untilAborted, async () => {
        const { stream, answer } = caller.open(path);
        stream.close(8);
        return answer;
      });
      // A handler of a stream of requests runs as soon as the headers are there.
      const level = kind === "unary" || kind === "serverStream" ? "debug" : "warn";
      expect(seen.lines.response).toMatchObject({ level, fields: { status: "CANCELLED" } });
    });

    it("when it has the answer", async () => {
      const seen = await observed(
        kind,
        ({ id }) => ({ id }),
        async () => {
          const { stream, answer } = caller.open(path);
          stream.end(ONE[0]);
          stream.once("trailers", () => stream.close(8));
          return answer;
        },
      );
      expect(seen.lines.response).toMatchObject({ level: "info", fields: { status: "OK" } });
    });

    it("with its connection", async () => {
      const other = { caller: undefined as Http2Caller | undefined };
      const seen = await observed(kind, untilAborted, async () => {
        other.caller = new Http2Caller(server.address);
        const { stream, answer } = other.caller.open(path);
        stream.end(ONE[0]);
        await hasStarted;
        other.caller.socket.destroy();
        return answer;
      });
      expect(seen.lines.response).toMatchObject({ level: "warn", fields: { status: "CANCELLED" } });
      await expect.poll(() => signalled).toMatchObject({ name: "AbortError" });
      await expect.poll(() => server.sessions).toBe(1);
    });

    it("and isn't heeded", async () => {
      let finish = () => {};
      const seen = await observed(
        kind,
        async () => {
          started();
          await new Promise<void>((resolve) => {
            finish = resolve;
          });
          return { id: "late" };
        },
        async () => {
          const { stream, answer } = caller.open(path);
          stream.end(ONE[0]);
          await hasStarted;
          stream.close(8);
          return answer;
        },
      );
      finish();
      await new Promise((resolve) => setImmediate(resolve));
      expect(seen.lines.response).toMatchObject({ level: "warn", fields: { status: "CANCELLED" } });
      expect(await server.lines(kind, 3)).toHaveLength(3);
    });
  });

  describe("a deadline", () => {
    it("ends the call, and its handler hears of it", async () => {
      let reason: unknown;
      const seen = await observed(
        kind,
        async (_request, { signal }) => {
          await new Promise((resolve) => signal.addEventListener("abort", resolve));
          reason = signal.reason;
          throw reason;
        },
        () => caller.call(path, ONE, { "grpc-timeout": "200m" }),
      );
      expectEnd(seen, { status: Status.DEADLINE_EXCEEDED, level: "warn", responses: 0 });
      await expect.poll(() => reason).toMatchObject({ name: "TimeoutError" });
    });

    it("ends the call of a handler that doesn't heed it", async () => {
      let finish = () => {};
      const seen = await observed(
        kind,
        () =>
          new Promise((resolve) => {
            finish = () => resolve({ id: "late" });
          }),
        () => caller.call(path, ONE, { "grpc-timeout": "30m" }),
      );
      finish();
      expectEnd(seen, { status: Status.DEADLINE_EXCEEDED, level: "warn", responses: 0 });
    });

    it.each(["0n", "0S", "1n", "999999u"])("of %s", async (timeout) => {
      const seen = await observed(
        kind,
        (_request, { signal }) =>
          new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
        () => caller.call(path, ONE, { "grpc-timeout": timeout }),
      );
      expectEnd(seen, { status: Status.DEADLINE_EXCEEDED, level: "warn", responses: 0 });
    });

    it.each(["99999999H", "99999999M", "99999999S", "2147484S", "720H", "99999999m"])(
      "of %s isn't over yet",
      async (timeout) => {
        let remaining = 0;
        const seen = await observed(
          kind,
          ({ id }, context) => {
            remaining = context.timeRemaining();
            return { id };
          },
          () => caller.call(path, ONE, { "grpc-timeout": timeout }),
        );
        expectEnd(seen, { status: Status.OK, level: "info", responses: 1 });
        expect(remaining).toBeGreaterThan(60_000);
      },
    );

    it.each(["soon", "1", "", "S", "-1S", "1.5S", "123456789S", "1S, 2S", "1 S", "1s", "0x1S", "+1S"])(
      "of %j is none: INTERNAL",
      async (timeout) => {
        let ran = false;
        const seen = await observed(
          kind,
          () => {
            ran = true;
            return {};
          },
          () => caller.call(path, ONE, { "grpc-timeout": timeout }),
        );
        expectEnd(seen, { status: Status.INTERNAL, level: "error", responses: 0 });
        expect(ran).toBe(false);
      },
    );
  });

  it("a caller that reads slowly gets all of it", async () => {
    const seen = await observed(
      kind,
      ({ id }) => ({ id, padding: new Uint8Array(1_000_000) }),
      async () => {
        const { stream, answer } = caller.open(path);
        stream.pause();
        stream.end(ONE[0]);
        await new Promise((resolve) => stream.once("response", resolve));
        await new Promise((resolve) => setTimeout(resolve, 50));
        stream.resume();
        return answer;
      },
    );
    expectEnd(seen, { status: Status.OK, level: "info", responses: 1 });
  });

  it("a caller that never reads, and leaves", async () => {
    const seen = await observed(
      kind,
      ({ id }) => ({ id, padding: new Uint8Array(1_000_000) }),
      async () => {
        const { stream, answer } = caller.open(path);
        stream.pause();
        stream.end(ONE[0]);
        await new Promise((resolve) => stream.once("response", resolve));
        stream.close(8);
        return answer;
      },
    );
    expect(seen.lines.response).toMatchObject({ level: "warn", fields: { status: "CANCELLED" } });
  });
});

describe.each(["serverStream", "bidiStream"] as const)("a generator of %s", (kind) => {
  const iterating = (make: (context: CallContext) => AsyncIterable<object>): ProbeServicer => {
    const healthy = servicerOf(({ id }) => ({ id }));
    const either = ((input: ProbeRequest, context: CallContext) =>
      context.requestMetadata.get("x-healthy").length > 0
        ? healthy[kind]?.(input as never, context)
        : make(context)) as never;
    return { ...healthy, [kind]: either };
  };
  const whole = () => caller.call(PATH[kind], ONE);

  it("that never yields ends well", async () => {
    await serve(iterating(async function* () {}));
    expectEnd(await around(kind, whole), { status: Status.OK, level: "info", responses: 0 });
  });

  it("that throws in its `finally` when it is done", async () => {
    await serve(
      iterating(async function* () {
        try {
          yield {};
        } finally {
          // biome-ignore lint/correctness/noUnsafeFinally: that is what is tested
          throw new Error("secret");
        }
      }),
    );
    expectEnd(await around(kind, whole), {
      status: Status.INTERNAL,
      message: INTERNAL_TEXT,
      level: "error",
      responses: 1,
    });
  });

  it.each(["cancel", "deadline", "oversize"])("that throws in its `finally` at the end by %s", async (why) => {
    await serve(
      iterating(async function* ({ signal }) {
        try {
          yield why === "oversize" ? { padding: new Uint8Array(2000) } : {};
          await new Promise((resolve) => signal.addEventListener("abort", resolve));
          yield {};
        } finally {
          // biome-ignore lint/correctness/noUnsafeFinally: that is what is tested
          throw new Error("the clean-up broke");
        }
      }),
      { policies: { [kind]: { maxResponseBytes: 1000 } } },
    );
    const { lines } = await around(kind, async () => {
      const { stream, answer } = caller.open(PATH[kind], why === "deadline" ? { "grpc-timeout": "50m" } : {});
      stream.end(ONE[0]);
      if (why === "cancel") {
        await new Promise((resolve) => stream.once("data", resolve));
        stream.close(8);
      }
      return answer;
    });
    const status = { cancel: "CANCELLED", deadline: "DEADLINE_EXCEEDED", oversize: "RESOURCE_EXHAUSTED" }[why];
    expect(lines.response.fields.status).toBe(status);
  });

  it.each([
    [
      "throws",
      () => {
        throw new Error("no next");
      },
    ],
    ["is nothing", () => undefined],
    ["rejects with nothing", () => Promise.reject(undefined)],
    [
      "has a `done` that throws",
      () => ({
        get done() {
          throw new Error("no");
        },
      }),
    ],
  ])("whose next %s", async (_what, next) => {
    await serve(iterating(() => ({ [Symbol.asyncIterator]: () => ({ next }) }) as never));
    expectEnd(await around(kind, whole), { status: Status.INTERNAL, message: INTERNAL_TEXT, level: "error" });
  });

  it.each([
    ["isn't a function", { return: 5 }],
    [
      "throws",
      {
        return: () => {
          throw new Error("no return");
        },
      },
    ],
    ["never resolves", { return: () => new Promise(() => {}) }],
    [
      "can't be looked at",
      {
        get return(): never {
          throw new Error("don't look");
        },
      },
    ],
  ])("whose return %s", async (_what, hostile) => {
    const iterator = Object.defineProperties(
      { next: async () => ({ done: false, value: {} }) },
      Object.getOwnPropertyDescriptors(hostile),
    );
    await serve(iterating(() => ({ [Symbol.asyncIterator]: () => iterator }) as never));
    const { lines } = await around(kind, async () => {
      const { stream, answer } = caller.open(PATH[kind], { "grpc-timeout": "50m" });
      stream.resume();
      stream.end(ONE[0]);
      return answer;
    });
    expect(lines.response.fields.status).toBe("DEADLINE_EXCEEDED");
  });

  it("that writes as fast as it can to a caller that doesn't read is held back, and ends with it", async () => {
    let yielded = 0;
    let cleaned = false;
    await serve(
      iterating(async function* () {
        try {
          for (;;) {
            yielded += 1;
            yield { padding: new Uint8Array(10_000) };
          }
        } finally {
          cleaned = true;
        }
      }),
    );
    const { lines } = await around(kind, async () => {
      const { stream, answer } = caller.open(PATH[kind]);
      stream.pause();
      stream.end(ONE[0]);
      let before = -1;
      await expect
        .poll(
          () => {
            const still = yielded > 0 && before === yielded;
            before = yielded;
            return still;
          },
          { interval: 50 },
        )
        .toBe(true);
      expect(yielded).toBeLessThan(200);
      stream.close(8);
      return answer;
    });
    expect(lines.response.fields).toMatchObject({ status: "CANCELLED" });
    expect(cleaned).toBe(true);
  });
});

describe.each(["clientStream", "bidiStream"] as const)("requests of %s", (kind) => {
  it("that come as fast as they can wait for a handler that reads slowly", async () => {
    let read = 0;
    const slow = async (requests: AsyncIterable<ProbeRequest>) => {
      for await (const _ of requests) {
        read += 1;
        if (read % 50 === 0) {
          await new Promise((resolve) => setTimeout(resolve, 1));
        }
      }
      return { count: BigInt(read) };
    };
    await serve({
      clientStream: slow,
      async *bidiStream(requests) {
        yield await slow(requests);
      },
    });
    const answer = await caller.call(
      PATH[kind],
      Array.from({ length: 2000 }, () => request({ padding: new Uint8Array(1000) })),
    );
    expect(answer).toMatchObject({ status: "0" });
    expect(answer.responses[0]?.count).toBe(2000n);
    await server.lines(kind, 1);
  });

  it("that a handler leaves unread don't keep the call", async () => {
    await serve({
      clientStream: async () => ({ id: "early" }),
      async *bidiStream() {
        yield { id: "early" };
      },
    });
    const { stream, answer } = caller.open(PATH[kind]);
    for (let count = 0; count < 100; count += 1) {
      stream.write(request({ padding: new Uint8Array(10_000) }));
    }
    stream.end();
    expect(await answer).toMatchObject({ status: "0" });
    await server.lines(kind, 1);
    await expect.poll(() => server.openStreams).toBe(0);
  });
});
