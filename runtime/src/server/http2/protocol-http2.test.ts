import { connect, type IncomingHttpHeaders, type OutgoingHttpHeaders } from "node:http2";
import { deflateSync, gzipSync } from "node:zlib";
import { create, toBinary } from "@bufbuild/protobuf";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { ProbeRequestSchema } from "../../../test-support/gen/probe/v1/probe_pb.js";
import { bindProbe, TooLowError } from "../../../test-support/probe-service.js";
import type { CallContext } from "../../call/call-context.js";
import { startTestServer, type TestServer } from "../../testing/index.js";

// What PROTOCOL-HTTP2 says to servers, sentence by sentence, seen by a client that knows nothing but HTTP/2.

const PATH = "/probe.v1.ProbeService/";

let server: TestServer;
/** What the next call's handler does. */
let handle: (context: CallContext) => void;
let seen: CallContext | undefined;

beforeAll(async () => {
  const answer = (context: CallContext) => {
    seen = context;
    handle(context);
    return { id: "answer" };
  };
  server = await startTestServer([
    bindProbe({
      unary: (_request, context) => answer(context),
      clientStream: async (requests, context) => {
        for await (const _ of requests);
        return answer(context);
      },
      async *serverStream(_request, context) {
        yield answer(context);
        yield answer(context);
      },
      async *bidiStream(requests, context) {
        for await (const _ of requests) {
          yield answer(context);
        }
      },
    }),
  ]);
});
afterAll(() => server.close());
beforeEach(() => {
  handle = () => {};
  seen = undefined;
});

interface Answer {
  /** All header blocks, in their order. */
  readonly blocks: IncomingHttpHeaders[];
  readonly body: Buffer;
  readonly reset: number;
}

const message = (init = {}): Buffer => framed(toBinary(ProbeRequestSchema, create(ProbeRequestSchema, init)));

function framed(bytes: Uint8Array, flag = 0): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt8(flag, 0);
  head.writeUInt32BE(bytes.byteLength, 1);
  return Buffer.concat([head, bytes]);
}

function send(method: string, body: readonly Buffer[], headers: OutgoingHttpHeaders = {}): Promise<Answer> {
  const session = connect(`http://${server.address}`);
  const all = {
    ":method": "POST",
    ":path": PATH + method,
    "content-type": "application/grpc",
    te: "trailers",
    ...headers,
  };
  const stream = session.request(Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)), {
    endStream: false,
  });
  const blocks: IncomingHttpHeaders[] = [];
  const chunks: Buffer[] = [];
  stream.on("response", (block) => blocks.push(block));
  stream.on("trailers", (block) => blocks.push(block));
  stream.on("data", (chunk: Buffer) => chunks.push(chunk));
  stream.on("error", () => {});
  for (const part of body) {
    stream.write(part);
  }
  stream.end();
  return new Promise((resolve) =>
    stream.on("close", () => {
      session.destroy();
      resolve({ blocks, body: Buffer.concat(chunks), reset: stream.rstCode ?? 0 });
    }),
  );
}

const last = ({ blocks }: Answer): IncomingHttpHeaders => blocks.at(-1) ?? {};

describe("Requests", () => {
  it.each(["application/grpc", "application/grpc+proto", "application/grpc; charset=utf-8", "Application/GRPC"])(
    'Content-Type is "application/grpc", with "+proto" or without: %s',
    async (type) => {
      expect(last(await send("Unary", [message()], { "content-type": type }))["grpc-status"]).toBe("0");
    },
  );

  it.each([
    undefined,
    "",
    "text/html",
    "application/json",
    "application/grpcx",
    "application/grpc-web",
    "application/grpc-web+proto",
    "application/grpc+json",
  ])(
    'If Content-Type doesn\'t begin with "application/grpc", servers respond with HTTP status 415; so they do to codecs that they lack: %s',
    async (type) => {
      const { blocks } = await send("Unary", [message()], { "content-type": type });
      expect(blocks).toHaveLength(1);
      expect(blocks[0]?.[":status"]).toBe(415);
      expect(seen).toBeUndefined();
    },
  );

  it.each(["GET", "PUT", "DELETE", "OPTIONS", "PATCH"])('Method is "POST", and nothing else: %s', async (method) => {
    const { blocks } = await send("Unary", [], { ":method": method });
    expect(blocks[0]).toMatchObject({ ":status": 405, allow: "POST" });
    expect(seen).toBeUndefined();
  });

  it.each([
    ["/probe.v1.ProbeService/unary", "case-sensitive"],
    ["/probe.v1.ProbeService/Unary/", "no more"],
    ["/nope/Unary", "no such service"],
    ["/", "no method"],
  ])("Path is case-sensitive and names a method; an unknown one is UNIMPLEMENTED: %s (%s)", async (path) => {
    const answer = await send("", [message()], { ":path": path });
    expect(answer.blocks).toHaveLength(1);
    expect(answer.blocks[0]).toMatchObject({ ":status": 200, "grpc-status": "12", "content-type": "application/grpc" });
  });

  it.each([
    ["1H", 3_600_000],
    ["2M", 120_000],
    ["30S", 30_000],
    ["40000m", 40_000],
    ["50000000u", 50_000],
    ["00000060S", 60_000],
  ])("Timeout is at most eight digits and a unit: %s", async (timeout, milliseconds) => {
    let remaining = 0;
    handle = (context) => {
      remaining = context.timeRemaining();
    };
    expect(last(await send("Unary", [message()], { "grpc-timeout": timeout }))["grpc-status"]).toBe("0");
    expect(remaining).toBeLessThanOrEqual(milliseconds);
    expect(remaining).toBeGreaterThan(milliseconds - 30_000);
  });

  it("If Timeout is omitted a server should assume an infinite timeout", async () => {
    await send("Unary", [message()]);
    expect(seen?.deadline).toBeUndefined();
  });

  it.each(["", "1", "S", "1s", "123456789S", "1.5S", "-1S", "1 S", "1S,1S"])(
    "A timeout that isn't one is refused, and its call isn't served: %j",
    async (timeout) => {
      expect(last(await send("Unary", [message()], { "grpc-timeout": timeout }))["grpc-status"]).toBe("13");
      expect(seen).toBeUndefined();
    },
  );

  it.each([
    ["AAECAw==", [0, 1, 2, 3]],
    ["AAECAw", [0, 1, 2, 3]],
    ["", []],
  ])("Implementations must accept padded and un-padded values of binary headers: %j", async (value, bytes) => {
    await send("Unary", [message()], { "x-some-bin": value });
    expect(seen?.requestMetadata.get("x-some-bin")).toEqual([Buffer.from(bytes)]);
  });

  it("A server that receives a binary header with commas splits it before decoding", async () => {
    await send("Unary", [message()], { "x-some-bin": "AA==,AQ, Ag" });
    expect(seen?.requestMetadata.get("x-some-bin")).toEqual([Buffer.from([0]), Buffer.from([1]), Buffer.from([2])]);
  });

  it("Custom-Metadata headers keep their order where they have one name", async () => {
    await send("Unary", [message()], { "x-some": ["first", "second"] });
    expect(seen?.requestMetadata.get("x-some").join(", ")).toBe("first, second");
  });

  it("Header names that begin with `grpc-`, and how the call is carried, are no metadata of the application's", async () => {
    await send("Unary", [message()], { "grpc-timeout": "10S", "grpc-accept-encoding": "gzip" });
    const names = Object.keys(seen?.requestMetadata.getMap() ?? {});
    for (const name of ["te", "content-type", "grpc-timeout", "grpc-encoding", "grpc-accept-encoding", ":path"]) {
      expect(names).not.toContain(name);
    }
  });

  it("Message-Encoding that the server doesn't know is UNIMPLEMENTED, and it says what it accepts", async () => {
    const answer = await send("Unary", [framed(Buffer.from("x"), 1)], { "grpc-encoding": "snappy" });
    expect(last(answer)).toMatchObject({ "grpc-status": "12", "grpc-accept-encoding": "identity,deflate,gzip" });
    expect(seen).toBeUndefined();
  });

  it.each([
    ["gzip", gzipSync],
    ["deflate", deflateSync],
  ] as const)(
    "A Compressed-Flag of 1 says that the message is compressed by Message-Encoding: %s",
    async (name, by) => {
      const packed = framed(by(toBinary(ProbeRequestSchema, create(ProbeRequestSchema, { id: "x".repeat(500) }))), 1);
      expect(last(await send("Unary", [packed], { "grpc-encoding": name }))["grpc-status"]).toBe("0");
      expect(seen?.requestCompressed).toBe(true);
    },
  );

  it("A Compressed-Flag of 0 says that it isn't, whatever Message-Encoding is", async () => {
    expect(last(await send("Unary", [message()], { "grpc-encoding": "gzip" }))["grpc-status"]).toBe("0");
    expect(seen?.requestCompressed).toBe(false);
  });

  it("If Message-Encoding is omitted then the Compressed-Flag must be 0", async () => {
    expect(last(await send("Unary", [framed(gzipSync(Buffer.alloc(0)), 1)]))["grpc-status"]).toBe("13");
  });

  it.each([2, 3, 128, 255])("The Compressed-Flag is 0 or 1: %i", async (flag) => {
    expect(last(await send("Unary", [framed(Buffer.alloc(0), flag)], { "grpc-encoding": "gzip" }))["grpc-status"]).toBe(
      "13",
    );
  });

  it.each(["Unary", "ServerStream"])("%s takes one message: none and two are UNIMPLEMENTED", async (method) => {
    expect(last(await send(method, []))["grpc-status"]).toBe("12");
    expect(last(await send(method, [message(), message()]))["grpc-status"]).toBe("12");
    expect(seen).toBeUndefined();
  });

  it("DATA frame boundaries have no relation to Length-Prefixed-Message boundaries", async () => {
    const both = Buffer.concat([message({ id: "a".repeat(40_000) }), message({ id: "b" })]);
    const parts: Buffer[] = [];
    for (let at = 0; at < both.byteLength; at += 3_001) {
      parts.push(both.subarray(at, at + 3_001));
    }
    const { body } = await send("BidiStream", parts);
    expect(body.byteLength).toBe(2 * (5 + 2 + "answer".length));
  });

  it.each([
    ["a head", Buffer.from([0, 0, 0])],
    ["a message", framed(Buffer.alloc(10)).subarray(0, 9)],
  ])("A request that ends within %s is INTERNAL", async (_what, part) => {
    expect(last(await send("ClientStream", [message(), part]))["grpc-status"]).toBe("13");
  });
});

describe("Responses", () => {
  it("Response-Headers, messages and Trailers: HTTP-Status 200 and Content-Type before, Status behind", async () => {
    const { blocks, body, reset } = await send("ServerStream", [message()]);
    expect(blocks).toHaveLength(2);
    expect(blocks[0]).toMatchObject({ ":status": 200, "content-type": "application/grpc" });
    expect(blocks[0]).not.toHaveProperty("grpc-status");
    expect(blocks[1]).toMatchObject({ "grpc-status": "0" });
    expect(body.byteLength).toBe(2 * (5 + 2 + "answer".length));
    expect(reset).toBe(0);
  });

  it("Trailers-Only is permitted for calls that produce an immediate error: one block, with Status", async () => {
    handle = () => {
      throw new TooLowError({ balance: "1" });
    };
    const { blocks, body } = await send("Unary", [message()]);
    expect(blocks).toHaveLength(1);
    expect(blocks[0]).toMatchObject({ ":status": 200, "content-type": "application/grpc", "grpc-status": "9" });
    expect(body.byteLength).toBe(0);
  });

  it("Response headers that a handler has set leave with its error too, before the Trailers", async () => {
    handle = (context) => {
      context.responseHeaders.set("x-header", "1");
      context.responseTrailers.set("x-trailer", "2");
      throw new TooLowError({ balance: "1" });
    };
    const { blocks } = await send("Unary", [message()]);
    expect(blocks).toHaveLength(2);
    expect(blocks[0]).toMatchObject({ "x-header": "1" });
    expect(blocks[1]).toMatchObject({ "x-trailer": "2", "grpc-status": "9" });
  });

  it("Status must be sent in Trailers even if it is OK, and then there is no Status-Message", async () => {
    const trailers = last(await send("Unary", [message()]));
    expect(trailers["grpc-status"]).toBe("0");
    expect(trailers).not.toHaveProperty("grpc-message");
  });

  it.each([
    ["plain ASCII", "a ~ b", "a ~ b"],
    ["percent signs", "100 %41", "100 %2541"],
    ["other characters, in UTF-8", "ä💰", "%C3%A4%F0%9F%92%B0"],
    ["control characters", "a\r\n\0b\x7f", "a%0D%0A%00b%7F"],
    ["spaces at its ends, which HTTP would trim", " a b ", "%20a b%20"],
    ["half of a pair, which has no UTF-8", "\ud83d", "%EF%BF%BD"],
  ])("Status-Message is percent-encoded: %s", async (_what, text, encoded) => {
    handle = () => {
      throw new TooLowError({ balance: "1" }, { message: text });
    };
    expect(last(await send("Unary", [message()]))["grpc-message"]).toBe(encoded);
  });

  it("Implementations should emit un-padded values of binary headers", async () => {
    handle = (context) => {
      context.responseHeaders.add("x-some-bin", Buffer.from([0]));
      context.responseHeaders.add("x-some-bin", Buffer.from([0, 1]));
      context.responseTrailers.set("x-some-bin", Buffer.from([0, 1, 2]));
    };
    const { blocks } = await send("Unary", [message()]);
    expect(blocks.map((block) => block["x-some-bin"])).toEqual(["AA, AAE", "AAEC"]);
  });

  it.each(["grpc-status", "grpc-message", "grpc-encoding", "grpc-accept-encoding", "content-type", "te", ":status"])(
    "Reserved names aren't a handler's to set: %s",
    async (name) => {
      handle = (context) => {
        context.responseHeaders.set(name, "7");
        context.responseTrailers.set(name, "7");
      };
      for (const block of (await send("Unary", [message()])).blocks) {
        expect(block[name]).not.toBe("7");
      }
    },
  );

  it("If a server wants to compress it may only by what the caller accepts, and says so in Message-Encoding", async () => {
    handle = (context) => {
      context.compress = true;
      context.responseHeaders.set("x", "1");
    };
    const { blocks } = await send("Unary", [message()]);
    expect(blocks[0]?.["grpc-encoding"]).toBeUndefined();
    const accepting = await send("Unary", [message()], { "grpc-accept-encoding": "identity,gzip" });
    expect(accepting.blocks[0]?.["grpc-encoding"]).toBe("gzip");
    // Less than 1 KiB isn't compressed all the same.
    expect(accepting.body[0]).toBe(0);
  });
});

describe("HTTP/2", () => {
  it("Servers that have answered before they have read all reset the stream with NO_ERROR, behind the status", async () => {
    const { blocks, reset } = await send("Unary", [message(), message(), message()]);
    expect(blocks.at(-1)?.["grpc-status"]).toBe("12");
    expect(reset).toBe(0);
  });
});
