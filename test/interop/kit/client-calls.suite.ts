import { createServer, type ServerHttp2Session, type ServerHttp2Stream } from "node:http2";
import { type AddressInfo, createServer as createTcpServer, type Socket } from "node:net";
import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { anyPack } from "@bufbuild/protobuf/wkt";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { CallOptions } from "../../../runtime/src/client/client-method.js";
import { ErrorInfoSchema } from "../../../runtime/src/gen/google/rpc/error_details_pb.js";
import { StatusSchema } from "../../../runtime/src/gen/google/rpc/status_pb.js";
import { Status } from "../../../runtime/src/wire/status.js";
import {
  type ProbeRequestSchema,
  type ProbeResponse,
  ProbeResponseSchema,
} from "../../../runtime/test-support/gen/probe/v1/probe_pb.js";
import { insecureChannel, type ProbeClient, probeClient } from "../../../runtime/test-support/probe-client.js";
import { ProbeError } from "../../../runtime/test-support/probe-errors.js";
import { FLAG, FRAME, frame, headerBlock, uint32 } from "./frames.js";
import { framed } from "./http2-caller.js";

// What a server can do to a client, for each kind of call: it gets a domain error by its deadline, or the answer, and nothing
// of the call is left. `runtime/src/hostile-peer.test.ts` has what isn't here.

const open: (() => void)[] = [];
const unhandled: unknown[] = [];
const keepUnhandled = (error: unknown) => unhandled.push(error);

beforeEach(() => {
  unhandled.length = 0;
  process.on("unhandledRejection", keepUnhandled);
  process.on("uncaughtException", keepUnhandled);
});

afterEach(async () => {
  for (const close of open.splice(0).reverse()) {
    close();
  }
  await new Promise((resolve) => setImmediate(resolve));
  process.off("unhandledRejection", keepUnhandled);
  process.off("uncaughtException", keepUnhandled);
  expect(unhandled).toEqual([]);
});

type Answer = (stream: ServerHttp2Stream, session: ServerHttp2Session) => void;

async function http2Server(answer: Answer, settings = {}): Promise<string> {
  const server = createServer({ settings });
  const sessions = new Set<ServerHttp2Session>();
  server.on("session", (session) => {
    sessions.add(session);
    session.on("error", () => {});
  });
  server.on("stream", (stream) => {
    stream.on("error", () => {});
    stream.resume();
    const { session } = stream;
    if (session !== undefined) {
      answer(stream, session as ServerHttp2Session);
    }
  });
  open.push(() => {
    server.close();
    for (const session of sessions) {
      session.destroy();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A server that answers the first HEADERS with frames of its own, and everything else as HTTP/2 demands. */
async function frameServer(answer: (stream: number) => readonly Buffer[], settings = Buffer.alloc(0)): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createTcpServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.write(frame(FRAME.settings, 0, 0, settings));
    let unread = Buffer.alloc(0);
    let greeted = false;
    socket.on("data", (bytes) => {
      unread = Buffer.concat([unread, bytes]);
      if (!greeted && unread.length >= 24) {
        greeted = true;
        unread = unread.subarray(24);
      }
      while (greeted && unread.length >= 9 && unread.length >= 9 + unread.readUIntBE(0, 3)) {
        const end = 9 + unread.readUIntBE(0, 3);
        const [type, flags, stream] = [unread.readUInt8(3), unread.readUInt8(4), unread.readUInt32BE(5)];
        const payload = unread.subarray(9, end);
        unread = unread.subarray(end);
        if ((type === FRAME.settings || type === FRAME.ping) && (flags & FLAG.ack) === 0) {
          socket.write(frame(type, FLAG.ack, 0, type === FRAME.ping ? payload : undefined));
        } else if (type === FRAME.headers) {
          socket.write(Buffer.concat(answer(stream)));
        }
      }
    });
  });
  open.push(() => {
    server.close();
    for (const socket of sockets) {
      socket.destroy();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const HEADERS = { ":status": 200, "content-type": "application/grpc+proto" };
const RESPONSE_BYTES = toBinary(ProbeResponseSchema, create(ProbeResponseSchema, { id: "r" }));
const RESPONSE = framed(RESPONSE_BYTES);

function respond(stream: ServerHttp2Stream, body: Buffer, trailers: Record<string, string>, headers: object = HEADERS) {
  stream.respond({ ...headers }, { waitForTrailers: true });
  stream.on("wantTrailers", () => stream.sendTrailers(trailers));
  stream.end(body);
}

function trailersOnly(stream: ServerHttp2Stream, trailers: Record<string, string>): void {
  stream.respond({ ...HEADERS, ...trailers }, { endStream: true });
}

async function* one(padding = 0): AsyncGenerator<MessageInitShape<typeof ProbeRequestSchema>> {
  yield { id: "1", padding: new Uint8Array(padding) };
}

async function all(stream: AsyncIterable<ProbeResponse>): Promise<ProbeResponse[]> {
  const received: ProbeResponse[] = [];
  for await (const response of stream) {
    received.push(response);
  }
  return received;
}

type Call = (client: ProbeClient, options: CallOptions) => Promise<ProbeResponse[]>;

const KINDS: readonly [string, Call][] = [
  ["unary", async (client, options) => [await client.unary({ id: "1" }, options)]],
  ["client streaming", async (client, options) => [await client.clientStream(one(), options)]],
  ["server streaming", (client, options) => all(client.serverStream({ id: "1" }, options))],
  ["bidi streaming", (client, options) => all(client.bidiStream(one(), options))],
];

const timers = () => process.getActiveResourcesInfo().filter((resource) => resource === "Timeout").length;

/** How a call ends: what it is answered, or the error. By then its deadline has at most just passed, and its timers are gone. */
async function outcome(target: string, call: Call, timeoutMs = 20_000): Promise<ProbeResponse[] | ProbeError> {
  const before = timers();
  const channel = insecureChannel(target);
  const options = { timeoutMs };
  const result = await call(probeClient(channel), options).catch((error: unknown) => {
    expect(error).toBeInstanceOf(ProbeError);
    return error as ProbeError;
  });
  channel.close();
  const patience = performance.now() + 5_000;
  while (timers() > before && performance.now() < patience) {
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  expect(timers()).toBeLessThanOrEqual(before);
  return result;
}

const details = (code: number, reason: string, extra = 0): string =>
  Buffer.from(
    toBinary(
      StatusSchema,
      create(StatusSchema, {
        code,
        message: "other text",
        details: [
          anyPack(
            ErrorInfoSchema,
            create(ErrorInfoSchema, {
              reason,
              domain: "probe.example.com",
              metadata: { balance: "5", amount: "x".repeat(extra) },
            }),
          ),
        ],
      }),
    ),
  ).toString("base64");

describe.each(KINDS)("%s", (_kind, call) => {
  it.each(["NaN", "-1", "17", "99999999999999999999", "1e400", "5abc", "0x5g", "5.5", "Infinity", "OK"])(
    "grpc-status: %s is UNKNOWN",
    async (status) => {
      const target = await http2Server((stream) => trailersOnly(stream, { "grpc-status": status }));
      expect(await outcome(target, call)).toMatchObject({ code: "UNKNOWN", status: Status.UNKNOWN });
    },
  );

  it.each([
    [400, "INTERNAL"],
    [401, "UNAUTHENTICATED"],
    [403, "PERMISSION_DENIED"],
    [404, "UNIMPLEMENTED"],
    [405, "UNKNOWN"],
    [418, "UNKNOWN"],
    [429, "UNAVAILABLE"],
    [500, "UNKNOWN"],
    [502, "UNAVAILABLE"],
    [503, "UNAVAILABLE"],
    [504, "UNAVAILABLE"],
    [301, "UNKNOWN"],
    [204, "UNKNOWN"],
  ])("HTTP %i without gRPC is %s", async (http, code) => {
    const target = await http2Server((stream) => {
      stream.respond({ ":status": http, "content-type": "text/html" });
      stream.end(http === 204 ? undefined : "<html>");
    });
    expect(await outcome(target, call)).toMatchObject({ code });
  });

  it.each(["text/html", "application/json", undefined])("HTTP 200 with the content type %s", async (type) => {
    const target = await http2Server((stream) => {
      stream.respond({ ":status": 200, ...(type === undefined ? {} : { "content-type": type }) });
      stream.end("<html>It works!</html>");
    });
    expect(await outcome(target, call, 1000)).toBeInstanceOf(ProbeError);
  });

  it.each([
    ["garbage", "!!!not base64!!!", "FAILED_PRECONDITION"],
    ["nothing", "", "FAILED_PRECONDITION"],
    ["a foreign code", details(9, "NEVER_HEARD_OF"), "NEVER_HEARD_OF"],
    ["a code with spaces", details(9, "no code \u{1f4b0}"), "no code \u{1f4b0}"],
    ["another code than grpc-status", details(5, "DUPLICATE_REQUEST"), "DUPLICATE_REQUEST"],
    ["OK for a code", details(0, "INSUFFICIENT_FUNDS"), "INSUFFICIENT_FUNDS"],
    ["a code that isn't one", details(4711, "INSUFFICIENT_FUNDS"), "INSUFFICIENT_FUNDS"],
    ["20 kB", details(9, "INSUFFICIENT_FUNDS", 20_000), "INSUFFICIENT_FUNDS"],
    ["half of it", details(9, "INSUFFICIENT_FUNDS", 1000).slice(0, 400), "FAILED_PRECONDITION"],
  ])("details that are %s", async (_what, encoded, code) => {
    const target = await http2Server((stream) =>
      trailersOnly(stream, { "grpc-status": "9", "grpc-message": "text", "grpc-status-details-bin": encoded }),
    );
    expect(await outcome(target, call)).toMatchObject({ code, message: "text", remote: true });
  });

  it.each(["100%", "%zz", "%C3%28", "%ED%A0%BD", "a%00b", "%", "x".repeat(20_000)])(
    "grpc-message: %s",
    async (message) => {
      const target = await http2Server((stream) =>
        trailersOnly(stream, { "grpc-status": "5", "grpc-message": message }),
      );
      expect(await outcome(target, call)).toMatchObject({ code: "NOT_FOUND", message: expect.stringMatching(/./s) });
    },
  );

  describe.each(["before the headers", "after the headers", "in the middle of a message", "after a message"])(
    "%s",
    (when) => {
      const begin = (stream: ServerHttp2Stream, then: () => void) => {
        if (when === "before the headers") {
          then();
          return;
        }
        stream.respond(HEADERS);
        if (when === "in the middle of a message") {
          stream.write(framed(RESPONSE_BYTES, { length: 1000 }));
        } else if (when === "after a message") {
          stream.write(RESPONSE);
        }
        setTimeout(then, 10);
      };

      it.each([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 255])("RST_STREAM %i", async (code) => {
        const target = await http2Server((stream) => begin(stream, () => stream.close(code)));
        const error = await outcome(target, call, 5_000);
        expect(error).toBeInstanceOf(ProbeError);
        expect(error).not.toMatchObject({ code: "DEADLINE_EXCEEDED" });
      });

      it.each([0, 1, 2, 11])("GOAWAY %i, and the end of the connection", async (code) => {
        const target = await http2Server((stream, session) =>
          begin(stream, () => {
            session.goaway(code);
            setTimeout(() => session.destroy(), 10);
          }),
        );
        expect(await outcome(target, call, 2_000)).toBeInstanceOf(ProbeError);
      });

      it("silence", async () => {
        const target = await http2Server((stream) => begin(stream, () => {}));
        expect(await outcome(target, call, 200)).toMatchObject({ code: "DEADLINE_EXCEEDED" });
      });

      it("the connection's reset", async () => {
        const target = await http2Server((stream, session) => begin(stream, () => session.destroy()));
        expect(await outcome(target, call, 2_000)).toBeInstanceOf(ProbeError);
      });
    },
  );

  it.each([
    ["ends before its length", framed(RESPONSE_BYTES, { length: 100 })],
    ["ends in its head", Buffer.from([0, 0, 0])],
  ])("a message that %s, and OK: not a good end", async (_what, body) => {
    const target = await http2Server((stream) => respond(stream, body, { "grpc-status": "0" }));
    expect(await outcome(target, call)).toBeInstanceOf(ProbeError);
  });

  it("a whole message, half of one, and OK: not a good end", async () => {
    const body = Buffer.concat([RESPONSE, framed(RESPONSE_BYTES, { length: 100 })]);
    const target = await http2Server((stream) => respond(stream, body, { "grpc-status": "0" }));
    expect(await outcome(target, call)).toBeInstanceOf(ProbeError);
  });

  it.each([
    ["compressed, without an encoding", 1],
    ["with a flag that doesn't exist", 2],
  ])("a message %s: not a good end", async (_what, flag) => {
    const target = await http2Server((stream) =>
      respond(stream, framed(RESPONSE_BYTES, { flag }), { "grpc-status": "0" }),
    );
    expect(await outcome(target, call, 1_000)).toBeInstanceOf(ProbeError);
  });

  it("a message over the limit, in small pieces", async () => {
    const target = await http2Server((stream) => {
      stream.respond(HEADERS);
      const message = framed(new Uint8Array(5_000_000));
      for (let start = 0; start < message.byteLength; start += 10_000) {
        stream.write(message.subarray(start, start + 10_000));
      }
    });
    expect(await outcome(target, call)).toMatchObject({ code: "RESOURCE_EXHAUSTED" });
  });

  it("a message that can't be decoded", async () => {
    const target = await http2Server((stream) =>
      respond(stream, framed(Buffer.from([0x0a, 2, 0xc3, 0x28])), { "grpc-status": "0" }),
    );
    expect(await outcome(target, call)).toMatchObject({ code: "INTERNAL" });
  });

  it("an error's details that say it is OK", async () => {
    const target = await http2Server((stream) =>
      respond(stream, RESPONSE, { "grpc-status": "9", "grpc-status-details-bin": details(0, "INSUFFICIENT_FUNDS") }),
    );
    expect(await outcome(target, call)).toMatchObject({
      code: "INSUFFICIENT_FUNDS",
      status: Status.FAILED_PRECONDITION,
    });
  });

  it("metadata that is garbage doesn't hide the answer", async () => {
    const odd = { "x-bad-bin": "!!!", "x-empty": "", "grpc-odd": "1", "x-two-bin": "AA,!!,AQ" };
    const target = await http2Server((stream) =>
      respond(stream, RESPONSE, { "grpc-status": "0", ...odd }, { ...HEADERS, ...odd }),
    );
    expect(await outcome(target, call)).toMatchObject([{ id: "r" }]);
  });

  it("103 Early Hints before the answer", async () => {
    const target = await http2Server((stream) => {
      stream.additionalHeaders({ ":status": 103, link: "</x>" });
      respond(stream, RESPONSE, { "grpc-status": "0" });
    });
    expect(await outcome(target, call, 2_000)).toMatchObject([{ id: "r" }]);
  });

  const ok = headerBlock([
    [":status", "200"],
    ["content-type", "application/grpc"],
  ]);
  const trailers = headerBlock([["grpc-status", "0"]]);
  it.each([
    ["DATA before HEADERS", (id: number) => [frame(FRAME.data, 0, id, RESPONSE)]],
    [
      "a message after the trailers",
      (id: number) => [
        frame(FRAME.headers, FLAG.endHeaders, id, ok),
        frame(FRAME.headers, FLAG.endHeaders | FLAG.endStream, id, headerBlock([["grpc-status", "5"]])),
        frame(FRAME.data, 0, id, RESPONSE),
      ],
    ],
    ["headers without a status", (id: number) => [frame(FRAME.headers, FLAG.endHeaders, id, trailers)]],
    [
      "headers that can't be decoded",
      (id: number) => [frame(FRAME.headers, FLAG.endHeaders, id, Buffer.alloc(4, 0xff))],
    ],
    ["a frame on no stream", () => [frame(FRAME.data, 0, 0, RESPONSE)]],
    ["a frame that is too large", (id: number) => [frame(FRAME.data, 0, id, Buffer.alloc(70_000))]],
    [
      "trailers that never end",
      (id: number) => [
        frame(FRAME.headers, FLAG.endHeaders, id, ok),
        frame(FRAME.headers, FLAG.endStream, id, trailers),
        ...Array.from({ length: 100 }, () =>
          frame(FRAME.continuation, 0, id, headerBlock([["x", "x".repeat(10_000)]])),
        ),
      ],
    ],
    [
      "a pushed stream",
      (id: number) => [
        frame(FRAME.pushPromise, FLAG.endHeaders, id, Buffer.concat([uint32(2), headerBlock([[":method", "GET"]])])),
      ],
    ],
    ["a window that overflows", (id: number) => [frame(FRAME.windowUpdate, 0, id, uint32(0x7fff_ffff))]],
    ["another stream's end", (id: number) => [frame(FRAME.reset, 0, id + 2, uint32(2))]],
    ["a GOAWAY of no stream", () => [frame(FRAME.goaway, 0, 0, Buffer.concat([uint32(0), uint32(2)]))]],
  ] as const)("%s is an error by the deadline", async (_what, answer) => {
    expect(await outcome(await frameServer(answer), call, 500)).toBeInstanceOf(ProbeError);
  });

  it("a peer that permits no streams, is an error by the deadline", async () => {
    const none = Buffer.from([0, 3, 0, 0, 0, 0]);
    expect(await outcome(await frameServer(() => [], none), call, 300)).toMatchObject({ code: "DEADLINE_EXCEEDED" });
  });

  it("a peer that takes no bytes, is an error by the deadline", async () => {
    const none = Buffer.from([0, 4, 0, 0, 0, 0]);
    expect(await outcome(await frameServer(() => [], none), call, 300)).toMatchObject({ code: "DEADLINE_EXCEEDED" });
  });

  it.each([Number.MAX_VALUE, 2 ** 31, 2 ** 53, Number.POSITIVE_INFINITY])("a timeout of %s ms", async (timeoutMs) => {
    const target = await http2Server((stream) => respond(stream, RESPONSE, { "grpc-status": "0" }));
    expect(await outcome(target, call, timeoutMs)).toMatchObject([{ id: "r" }]);
  });

  it.each([0, -1, Number.NEGATIVE_INFINITY, Number.MIN_VALUE])(
    "a timeout of %s ms makes no call",
    async (timeoutMs) => {
      let called = false;
      const target = await http2Server(() => {
        called = true;
      });
      expect(await outcome(target, call, timeoutMs)).toMatchObject({ code: "DEADLINE_EXCEEDED" });
      expect(called).toBe(false);
    },
  );
});

it("requests that nobody takes wait, and end with the call", async () => {
  let yielded = 0;
  let returned = false;
  async function* endless() {
    try {
      for (;;) {
        yielded += 1;
        yield { padding: new Uint8Array(100_000) };
      }
    } finally {
      returned = true;
    }
  }
  const target = await frameServer(() => []);
  const call: Call = async (client, options) => [await client.clientStream(endless(), options)];
  expect(await outcome(target, call, 500)).toMatchObject({ code: "DEADLINE_EXCEEDED" });
  // What fits into the retry buffer and HTTP/2's windows.
  expect(yielded).toBeLessThan(50);
  await expect.poll(() => returned).toBe(true);
});

it.each([":status", ":path", ":authority", "grpc-timeout", "grpc-status", "te", "content-type", "connection", "host"])(
  "a caller's own metadata may have the key %s",
  async (key) => {
    const target = await http2Server((stream) => respond(stream, RESPONSE, { "grpc-status": "0" }));
    const call: Call = async (client, options) => [await client.unary({}, { ...options, metadata: { [key]: "1" } })];
    const result = await outcome(target, call, 5_000);
    if (result instanceof Error) {
      expect(result).not.toMatchObject({ code: "DEADLINE_EXCEEDED" });
    }
  },
);
