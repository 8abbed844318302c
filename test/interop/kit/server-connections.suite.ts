import { once } from "node:events";
import { connect as connectTcp } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import type { CallContext } from "../../../runtime/src/call/call-context.js";
import type { ProbeServicer } from "../../../runtime/test-support/probe-service.js";
import { FLAG, FRAME, FrameSocket, frame, headerBlock, requestFields, uint32 } from "./frames.js";
import { framed, Http2Caller, request } from "./http2-caller.js";
import { WatchedServer, type WatchedServerOptions } from "./watched-server.js";

// What comes in on a connection that isn't a call, or is one too many. The process lives, other connections are served, and
// what is no call has no log lines.

const UNARY = "/probe.v1.ProbeService/Unary";

let server: WatchedServer;
let caller: Http2Caller;
const sockets: FrameSocket[] = [];

afterEach(async () => {
  caller.close();
  for (const { socket } of sockets.splice(0)) {
    socket.destroy();
  }
  await server.close();
});

let seen: CallContext | undefined;

async function serve(options: WatchedServerOptions = {}, servicer: ProbeServicer = {}): Promise<void> {
  const echo: ProbeServicer = {
    unary: ({ id }, context) => {
      seen = context;
      return { id };
    },
    clientStream: async (requests) => {
      for await (const { id } of requests) {
        return { id };
      }
      return {};
    },
    async *serverStream({ id }) {
      yield { id };
    },
    async *bidiStream(requests) {
      for await (const { id } of requests) {
        yield { id };
      }
    },
  };
  server = await WatchedServer.start({ ...echo, ...servicer }, options);
  caller = new Http2Caller(server.address);
}

function open(init: ConstructorParameters<typeof FrameSocket>[1] = {}): FrameSocket {
  const socket = new FrameSocket(server.address, init);
  sockets.push(socket);
  return socket;
}

const headers = (stream: number, flags: number = FLAG.endHeaders, path: string | Buffer = UNARY): Buffer =>
  frame(FRAME.headers, flags, stream, headerBlock(requestFields(path)));

const message = (stream: number, flags: number = FLAG.endStream): Buffer =>
  frame(FRAME.data, flags, stream, request({ id: "r" }));

/** A call on a connection of its own is served as ever. */
async function isAlive(): Promise<void> {
  const other = new Http2Caller(server.address);
  expect(await other.call(UNARY, [request({ id: "alive" })])).toMatchObject({
    status: "0",
    responses: [{ id: "alive" }],
  });
  other.close();
}

const callLines = () => server.logger.lines.filter(({ message }) => /\.(request|response)$/.test(message));

/** As many calls were answered as had begun, and none is left. */
async function everyCallEnded(): Promise<void> {
  // Calls whose callers left before a handler ran have one line, at debug.
  const named = (name: string) =>
    callLines().filter(({ level, message }) => level !== "debug" && message.endsWith(name)).length;
  await expect.poll(() => server.openStreams).toBe(0);
  await expect.poll(() => named(".response")).toBe(named(".request"));
}

describe("what isn't a call of the server's", () => {
  it.each([
    ["an unknown method", "/probe.v1.ProbeService/Nope", {}, 200, "12"],
    ["an unknown service", "/nope.v1.Nope/Nope", {}, 200, "12"],
    ["a path of two slashes", "//", {}, 200, "12"],
    ["a path with a query", `${UNARY}?x=1`, {}, 200, "12"],
    ["a path in capitals", UNARY.toUpperCase(), {}, 200, "12"],
    ["a property of every object", "/__proto__/constructor", {}, 200, "12"],
    ["HTML", UNARY, { "content-type": "text/html" }, 415, undefined],
    ["no content type", UNARY, { "content-type": undefined }, 415, undefined],
    ["JSON that isn't gRPC's", UNARY, { "content-type": "application/json" }, 415, undefined],
  ])("%s", async (_what, path, extra, http, status) => {
    await serve();
    const before = server.held();
    const answer = await caller.call(path, [request()], extra);
    expect(answer).toMatchObject({ http, status, responses: [] });
    expect(callLines()).toEqual([]);
    await isAlive();
    expect(server.held().streams).toBe(0);
    expect(before.streams).toBe(0);
  });

  it("a path of 20 kB, and one that isn't ASCII", async () => {
    await serve();
    expect((await caller.call(`/${"x".repeat(20_000)}`, [request()])).status).toBe("12");
    const raw = open();
    raw.write(headers(1, FLAG.endHeaders | FLAG.endStream, Buffer.from("/p\u00e4th\u{1f4b0}\xff/x", "utf8")));
    raw.write(headers(3, FLAG.endHeaders | FLAG.endStream, Buffer.from([0x2f, 0xff, 0xfe, 0xed, 0xa0, 0xbd])));
    await expect.poll(() => raw.received.some(({ stream }) => stream === 3) || raw.closed).toBe(true);
    await isAlive();
    await everyCallEnded();
  });

  it.each([
    ["no `te`", { te: undefined }],
    ["an unknown `te`", { te: "gzip" }],
    ["an odd subtype", { "content-type": "application/grpc+thrift" }],
    ["an empty user agent", { "user-agent": "" }],
  ])("but a call with %s is served", async (_what, extra) => {
    await serve();
    const raw = open();
    raw.write(frame(FRAME.headers, FLAG.endHeaders, 1, headerBlock(requestFields(UNARY, extra))), message(1));
    await expect.poll(() => raw.received.some(({ stream }) => stream === 1)).toBe(true);
    await isAlive();
    await everyCallEnded();
  });

  it.each(["GET", "PUT", "DELETE", "CONNECT", "OPTIONS", "PRI", "ü"])("the method %s", async (method) => {
    await serve();
    const raw = open();
    raw.write(
      frame(
        FRAME.headers,
        FLAG.endHeaders | FLAG.endStream,
        1,
        headerBlock(requestFields(UNARY, { ":method": method })),
      ),
    );
    await expect.poll(() => raw.closed || raw.received.some(({ stream }) => stream === 1)).toBe(true);
    await isAlive();
    await everyCallEnded();
    const others = callLines().filter(({ fields }) => fields.status !== undefined && fields.status !== "OK");
    for (const { fields } of others) {
      expect(fields.status).toMatch(/UNIMPLEMENTED|CANCELLED/);
    }
  });

  it.each([
    ["HTTP/1.1", Buffer.from("GET / HTTP/1.1\r\nHost: kit\r\n\r\n")],
    ["TLS", Buffer.from("16030100c8010000c40303", "hex")],
    ["noise", Buffer.from(Array.from({ length: 10_000 }, (_, index) => (index * 7919) % 256))],
    ["nothing, and closes", Buffer.alloc(0)],
  ])("a connection that speaks %s", async (_what, bytes) => {
    await serve();
    const [host = "", port = ""] = server.address.split(":");
    const socket = connectTcp(Number(port), host);
    socket.on("error", () => {});
    socket.end(bytes);
    socket.resume();
    await once(socket, "close");
    await isAlive();
    await expect.poll(() => server.sessions).toBeLessThanOrEqual(2);
  });
});

const QUICK_KEEPALIVE = { keepaliveTimeMs: 100, keepaliveTimeoutMs: 100 } as const;

describe("frames that make no sense", () => {
  const goaway = Buffer.concat([uint32(0), uint32(2)]);
  it.each([
    ["DATA on no stream", [frame(FRAME.data, 0, 0, Buffer.alloc(5))]],
    ["DATA without HEADERS", [message(1)]],
    ["HEADERS on no stream", [headers(0)]],
    ["HEADERS on a stream of the server's", [headers(2)]],
    ["HEADERS twice", [headers(1), headers(1)]],
    ["DATA after the end", [headers(1), message(1), message(1)]],
    [
      "HEADERS that can't be decoded",
      [frame(FRAME.headers, FLAG.endHeaders, 1, Buffer.from([0xff, 0xff, 0xff, 0xff]))],
    ],
    ["CONTINUATION of nothing", [frame(FRAME.continuation, FLAG.endHeaders, 1)]],
    ["a PUSH_PROMISE", [headers(1), frame(FRAME.pushPromise, FLAG.endHeaders, 1, uint32(2))]],
    ["a RST_STREAM of no stream", [frame(FRAME.reset, 0, 0, uint32(8))]],
    ["a RST_STREAM of an idle stream", [frame(FRAME.reset, 0, 99, uint32(8))]],
    ["a RST_STREAM of three bytes", [headers(1), frame(FRAME.reset, 0, 1, Buffer.alloc(3))]],
    [
      "a window that overflows",
      [headers(1), ...[1, 0].map((stream) => frame(FRAME.windowUpdate, 0, stream, uint32(0x7fff_ffff)))],
    ],
    ["a window of nothing", [headers(1), frame(FRAME.windowUpdate, 0, 1, uint32(0))]],
    ["SETTINGS of five bytes", [frame(FRAME.settings, 0, 0, Buffer.alloc(5))]],
    [
      "SETTINGS with a window that is too large",
      [frame(FRAME.settings, 0, 0, Buffer.from([0, 4, 255, 255, 255, 255]))],
    ],
    ["a PING of seven bytes", [frame(FRAME.ping, 0, 0, Buffer.alloc(7))]],
    ["an unknown frame", [frame(0x77, 0xff, 1, Buffer.alloc(100)), headers(1), message(1)]],
    ["a frame that is too large", [headers(1), frame(FRAME.data, 0, 1, Buffer.alloc(70_000))]],
    [
      "a stream that depends on itself",
      [
        frame(
          FRAME.headers,
          FLAG.endHeaders | 0x20,
          1,
          Buffer.concat([uint32(1), Buffer.from([16]), headerBlock(requestFields(UNARY))]),
        ),
      ],
    ],
    ["a GOAWAY, and then a call", [frame(FRAME.goaway, 0, 0, goaway), headers(1), message(1)]],
    [
      "a name in capitals",
      [frame(FRAME.headers, FLAG.endHeaders, 1, headerBlock([...requestFields(UNARY), ["X-Up", "1"]]))],
    ],
    [
      "a line break in a value",
      [frame(FRAME.headers, FLAG.endHeaders, 1, headerBlock([...requestFields(UNARY), ["x", "a\r\nb"]]))],
    ],
    [
      "a pseudo-header twice",
      [frame(FRAME.headers, FLAG.endHeaders, 1, headerBlock([...requestFields(UNARY), [":path", "/"]]))],
    ],
    [
      "trailers with a pseudo-header",
      [headers(1), frame(FRAME.headers, FLAG.endHeaders | FLAG.endStream, 1, headerBlock([[":path", "/"]]))],
    ],
    [
      "a length that lies",
      [
        frame(FRAME.headers, FLAG.endHeaders, 1, headerBlock(requestFields(UNARY, { "content-length": "3" }))),
        message(1),
      ],
    ],
    ["a path without a slash", [headers(1, FLAG.endHeaders, "Unary"), message(1)]],
  ])("%s", async (_what, frames) => {
    // Of a connection that was in error, Node reads no more, not even its end: the keepalive finds it.
    await serve(QUICK_KEEPALIVE);
    const raw = open();
    raw.write(...frames);
    await isAlive();
    raw.socket.end();
    await expect.poll(() => raw.closed).toBe(true);
    await everyCallEnded();
  });
});

describe("too much of it", () => {
  it("streams that are opened and reset at once: the connection ends, others are served, nothing is left", async () => {
    await serve(QUICK_KEEPALIVE);
    await isAlive();
    const before = server.held();
    const raw = open();
    for (let first = 1; first < 20_000 && !raw.closed; first += 400) {
      const frames: Buffer[] = [];
      for (let stream = first; stream < first + 400; stream += 2) {
        frames.push(headers(stream), frame(FRAME.reset, 0, stream, uint32(8)));
      }
      raw.write(...frames);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await isAlive();
    await expect.poll(() => raw.closed).toBe(true);
    expect(raw.of(FRAME.goaway)).not.toEqual([]);
    await everyCallEnded();
    await server.holdsNoMoreThan(before);
    const { started, ended } = await server.counted("Unary");
    expect(Object.values(ended).reduce((sum, count) => sum + count, 0)).toBe(started);
  });

  it.each([
    ["200 fields", Array.from({ length: 200 }, (_, index): [string, string] => [`x-${index}`, "1"])],
    ["100 kB in one field", [["x-large", "x".repeat(100_000)] as [string, string]]],
  ])("headers of %s are refused", async (_what, extra) => {
    await serve(QUICK_KEEPALIVE);
    const raw = open();
    const block = headerBlock([...requestFields(UNARY), ...extra]);
    const parts: Buffer[] = [];
    for (let start = 0; start < block.byteLength; start += 16_000) {
      const isLast = start + 16_000 >= block.byteLength;
      const type = start === 0 ? FRAME.headers : FRAME.continuation;
      parts.push(frame(type, isLast ? FLAG.endHeaders : 0, 1, block.subarray(start, start + 16_000)));
    }
    raw.write(...parts, message(1));
    await expect.poll(() => raw.closed || raw.of(FRAME.reset).length > 0 || raw.of(FRAME.goaway).length > 0).toBe(true);
    expect(callLines().filter(({ fields }) => fields.status === "OK")).toEqual([]);
    await isAlive();
    await everyCallEnded();
  });

  it("headers that never end", async () => {
    await serve(QUICK_KEEPALIVE);
    const raw = open();
    raw.write(frame(FRAME.headers, 0, 1, headerBlock(requestFields(UNARY))));
    const block = headerBlock([["x", "x".repeat(15_000)]]);
    for (let count = 0; count < 2000 && !raw.closed; count += 1) {
      raw.write(frame(FRAME.continuation, 0, 1, block));
      await new Promise((resolve) => setImmediate(resolve));
    }
    await expect.poll(() => raw.closed).toBe(true);
    await isAlive();
    await everyCallEnded();
  });

  it("headers that name one large field a thousand times: each stream is reset, and holds nothing", async () => {
    await serve(QUICK_KEEPALIVE);
    await isAlive();
    const before = server.held();
    const raw = open();
    // HPACK: a literal that the decoder remembers (6.2.1), and then its index (6.1), the first of the dynamic table.
    const [remembered, named] = [0x40, 0x80 | 62];
    const literal = headerBlock([["x-large", "x".repeat(3_900)]]);
    literal.writeUInt8(remembered, 0);
    raw.write(headers(1), message(1));
    raw.write(
      frame(FRAME.headers, FLAG.endHeaders, 3, Buffer.concat([headerBlock(requestFields(UNARY)), literal])),
      message(3),
    );
    for (let stream = 5; stream < 105; stream += 2) {
      const block = Buffer.concat([headerBlock(requestFields(UNARY)), Buffer.alloc(1_000, named)]);
      raw.write(frame(FRAME.headers, FLAG.endHeaders, stream, block));
      await new Promise((resolve) => setImmediate(resolve));
    }
    await expect.poll(() => raw.closed || raw.of(FRAME.reset).length >= 50).toBe(true);
    await isAlive();
    raw.socket.destroy();
    await everyCallEnded();
    await server.holdsNoMoreThan(before);
  });

  it.each([
    ["nothing", ""],
    ["half of a preface", "PRI * HTTP/2.0\r\n\r\n"],
  ])("two hundred connections that send %s", async (_what, bytes) => {
    await serve(QUICK_KEEPALIVE);
    const [host = "", port = ""] = server.address.split(":");
    const halfOpen = Array.from({ length: 200 }, () => connectTcp(Number(port), host));
    await Promise.all(halfOpen.map((socket) => once(socket, "connect")));
    let open = halfOpen.length;
    for (const socket of halfOpen) {
      socket
        .on("error", () => {})
        .on("close", () => {
          open -= 1;
        });
      socket.resume().write(bytes);
    }
    await isAlive();
    // The keepalive finds that they say nothing.
    await expect.poll(() => open, { timeout: 20_000 }).toBe(0);
    await everyCallEnded();
  });

  it("callers that read nothing of a stream that never ends: its handlers wait, and end with them", async () => {
    let made = 0;
    await serve(
      {},
      {
        async *serverStream({ id }) {
          for (;;) {
            made += 1;
            yield { id, padding: new Uint8Array(64 * 1024) };
          }
        },
      },
    );
    const raws = Array.from({ length: 20 }, () => open());
    for (const raw of raws) {
      raw.write(headers(1, FLAG.endHeaders, "/probe.v1.ProbeService/ServerStream"), message(1));
      raw.socket.pause();
    }
    let before = -1;
    await expect
      .poll(() => {
        const isStill = made === before && made >= raws.length;
        before = made;
        return isStill;
      })
      .toBe(true);
    // HTTP/2's window of the connection is one message; one waits behind it, and one is made.
    expect(made).toBeLessThanOrEqual(raws.length * 4);
    await isAlive();
    for (const raw of raws) {
      raw.socket.destroy();
    }
    await everyCallEnded();
  });

  it.each([
    ["PINGs", frame(FRAME.ping, 0, 0, Buffer.alloc(8))],
    ["SETTINGS", frame(FRAME.settings, 0, 0)],
    ["empty DATA", frame(FRAME.data, 0, 1)],
    ["PRIORITYs", frame(FRAME.priority, 0, 1, Buffer.from([0, 0, 0, 3, 1]))],
  ])("%s, while answers aren't read", async (_what, each) => {
    await serve();
    const raw = open({ acknowledge: false });
    raw.write(headers(1));
    raw.socket.pause();
    const packet = Buffer.concat(Array.from({ length: 1000 }, () => each));
    for (let count = 0; count < 50 && !raw.closed; count += 1) {
      raw.write(packet);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await isAlive();
    raw.socket.destroy();
    await everyCallEnded();
  });

  it("calls at a time on a connection: the rest is refused, and is no call", async () => {
    const finish: (() => void)[] = [];
    await serve(
      { maxConcurrentStreams: 5 },
      { unary: ({ id }) => new Promise((resolve) => finish.push(() => resolve({ id }))) },
    );
    // One that has acknowledged the limit, and passes it, loses its connection: HTTP/2 says so.
    const raw = open({ acknowledge: false });
    for (let stream = 1; stream < 20; stream += 2) {
      raw.write(headers(stream), message(stream));
    }
    await expect.poll(() => raw.of(FRAME.reset).length + finish.length).toBe(10);
    expect(raw.of(FRAME.reset).map(({ payload }) => payload.readUInt32BE())).toEqual([7, 7, 7, 7, 7]);
    await expect.poll(() => finish.length).toBe(5);
    for (const each of finish) {
      each();
    }
    await server.lines("unary", 5);
    await everyCallEnded();
  });
});

describe("metadata", () => {
  it("comes as it was sent: twice, in binary, and with reserved names", async () => {
    await serve();
    const raw = open();
    const fields: [string, string][] = [
      ["x-two", "1"],
      ["x-two", "2"],
      ["x-empty", ""],
      ["x-bytes-bin", "AP8"],
      ["x-bytes-bin", "AQ==,Ag"],
      ["x-garbage-bin", "!!%%~~"],
      ["grpc-unknown", "1"],
      ["grpc-previous-rpc-attempts", "many"],
      ["grpc-trace-bin", "AAAA"],
      ["__proto__", "1"],
      ["constructor", "1"],
    ];
    raw.write(frame(FRAME.headers, FLAG.endHeaders, 1, headerBlock([...requestFields(UNARY), ...fields])), message(1));
    await server.lines("unary", 1);
    const metadata = seen?.requestMetadata;
    expect(metadata?.get("x-two")).toEqual(["1, 2"]);
    expect(metadata?.get("x-empty")).toEqual([""]);
    expect(metadata?.get("x-bytes-bin")).toEqual([Buffer.from([0, 255]), Buffer.from([1]), Buffer.from([2])]);
    expect(metadata?.get("x-garbage-bin")).toEqual([expect.any(Buffer)]);
    expect(metadata?.get("grpc-unknown")).toEqual(["1"]);
    await isAlive();
  });

  it.each([
    ["a request id", "x-request-id"],
    ["a trace", "traceparent"],
    ["a request id in bytes", "x-request-id-bin"],
  ])("that is used as %s may be anything", async (_what, name) => {
    await serve();
    for (const value of ["", "x".repeat(10_000), "\u00fc", "00-zz-zz-zz", "a\tb", '{"$":1}']) {
      const raw = open();
      raw.write(
        frame(
          FRAME.headers,
          FLAG.endHeaders,
          1,
          headerBlock([...requestFields(UNARY), [name, Buffer.from(value, "latin1")]]),
        ),
        message(1),
      );
      await expect.poll(() => raw.closed || raw.received.some(({ stream }) => stream === 1)).toBe(true);
    }
    await isAlive();
    await everyCallEnded();
  });
});

it("a message in a thousand pieces is one message", async () => {
  await serve();
  const { stream, answer } = caller.open(UNARY);
  const bytes = framed(Buffer.from([0x0a, 100, ...Buffer.alloc(100, 0x41)]));
  for (const byte of bytes) {
    stream.write(Buffer.from([byte]));
  }
  stream.end();
  expect((await answer).responses[0]?.id).toBe("A".repeat(100));
  await server.lines("unary", 1);
});
