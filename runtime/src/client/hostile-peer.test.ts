import { createServer, type Http2Server, type ServerHttp2Session, type ServerHttp2Stream } from "node:http2";
import { type AddressInfo, createServer as createTcpServer, type Socket, type Server as TcpServer } from "node:net";
import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { InterceptingCall } from "@grpc/grpc-js";
import { afterEach, describe, expect, it } from "vitest";
import { type ProbeRequestSchema, ProbeResponseSchema } from "../../test-support/gen/probe/v1/probe_pb.js";
import { insecureChannel, type ProbeClient, probeClient } from "../../test-support/probe-client.js";
import {
  ProbeError,
  ProbeNotFoundError,
  ProbeUnavailableError,
  ProbeUnknownError,
} from "../../test-support/probe-errors.js";
import type { CallOptions } from "./client-method.js";
import type { ClientOptions } from "./client-options.js";

// What a server can do that no gRPC library would: raw HTTP/2. Whatever it is, the caller gets an error of the package's
// hierarchy, and gets it by the deadline.

const open: (() => void)[] = [];

afterEach(() => {
  for (const close of open.splice(0).reverse()) {
    close();
  }
});

async function listen(server: Http2Server | TcpServer): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A server that answers each stream with `answer`, once its request has come. */
async function http2Server(answer: (stream: ServerHttp2Stream, session: ServerHttp2Session) => void): Promise<string> {
  const server = createServer();
  const sessions = new Set<ServerHttp2Session>();
  server.on("session", (session) => {
    sessions.add(session);
    session.on("error", () => {});
  });
  server.on("stream", (stream) => {
    stream.on("error", () => {});
    stream.once("data", () => {
      const { session } = stream;
      if (session !== undefined) {
        answer(stream, session as ServerHttp2Session);
      }
    });
  });
  open.push(() => {
    server.close();
    for (const session of sessions) {
      session.destroy();
    }
  });
  return listen(server);
}

/** A server that speaks whatever `answer` writes. */
async function tcpServer(answer: (socket: Socket) => void): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createTcpServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    answer(socket);
  });
  open.push(() => {
    server.close();
    for (const socket of sockets) {
      socket.destroy();
    }
  });
  return listen(server);
}

const HEADERS = { ":status": 200, "content-type": "application/grpc+proto" };

function frame(message: Uint8Array, declaredLength = message.byteLength): Buffer {
  const framed = Buffer.alloc(5 + message.byteLength);
  framed.writeUInt32BE(declaredLength, 1);
  framed.set(message, 5);
  return framed;
}

const RESPONSE = frame(toBinary(ProbeResponseSchema, create(ProbeResponseSchema, { id: "r" })));

function respond(stream: ServerHttp2Stream, body: Buffer, trailers: Record<string, string> | undefined): void {
  stream.respond(HEADERS, { waitForTrailers: trailers !== undefined });
  if (trailers !== undefined) {
    stream.on("wantTrailers", () => stream.sendTrailers(trailers));
  }
  stream.end(body);
}

/** Headers that are the whole answer. */
function trailersOnly(stream: ServerHttp2Stream, trailers: Record<string, string>): void {
  stream.respond({ ...HEADERS, ...trailers }, { endStream: true });
}

async function* one(): AsyncGenerator<MessageInitShape<typeof ProbeRequestSchema>> {
  yield { id: "1" };
}

async function drain(stream: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of stream) {
    // Only its end is of interest.
  }
}

const KINDS: readonly [string, (client: ProbeClient, options: CallOptions) => Promise<unknown>][] = [
  ["unary", (client, options) => client.unary({ id: "1" }, options)],
  ["client streaming", (client, options) => client.clientStream(one(), options)],
  ["server streaming", (client, options) => drain(client.serverStream({ id: "1" }, options))],
  ["bidi streaming", (client, options) => drain(client.bidiStream(one(), options))],
];

const PATHS: readonly [string, ClientOptions][] = [
  ["straight on the channel", {}],
  ["through an interceptor", { interceptors: [(options, nextCall) => new InterceptingCall(nextCall(options))] }],
];

async function failure(
  target: string,
  call: (client: ProbeClient, options: CallOptions) => Promise<unknown>,
  options: ClientOptions,
  timeoutMs = 20_000,
): Promise<unknown> {
  const channel = insecureChannel(target);
  open.push(() => channel.close());
  return call(probeClient(channel, options), { timeoutMs }).then(
    () => expect.fail("resolved"),
    (error: unknown) => error,
  );
}

describe.each(PATHS)("%s", (_path, options) => {
  describe.each(KINDS)("%s", (_kind, call) => {
    it.each([
      ["no status at all", "INTERNAL", (stream: ServerHttp2Stream) => respond(stream, Buffer.alloc(0), undefined)],
      ["trailers without a status", "UNKNOWN", (s: ServerHttp2Stream) => respond(s, Buffer.alloc(0), { "x-odd": "1" })],
      ["a status that is no number", "UNKNOWN", (s: ServerHttp2Stream) => trailersOnly(s, { "grpc-status": "abc" })],
      ["a status out of range", "UNKNOWN", (s: ServerHttp2Stream) => trailersOnly(s, { "grpc-status": "4711" })],
      ["a reset", "INTERNAL", (stream: ServerHttp2Stream) => stream.close(2)],
      ["a refusal", "UNAVAILABLE", (stream: ServerHttp2Stream) => stream.close(7)],
      ["calm", "RESOURCE_EXHAUSTED", (stream: ServerHttp2Stream) => stream.close(11)],
      [
        "a page of HTML",
        "UNAVAILABLE",
        (stream: ServerHttp2Stream) => {
          stream.respond({ ":status": 503, "content-type": "text/html" });
          stream.end("<html>503 Service Unavailable</html>");
        },
      ],
      [
        "a reset in the middle of a message",
        "INTERNAL",
        (stream: ServerHttp2Stream) => {
          stream.respond(HEADERS);
          stream.write(frame(Buffer.from("half"), 1_000));
          setImmediate(() => stream.close(2));
        },
      ],
      [
        "an end in the middle of a message",
        "INTERNAL",
        (stream: ServerHttp2Stream) => {
          stream.respond(HEADERS);
          stream.end(frame(Buffer.from("half"), 1_000));
        },
      ],
      [
        "a message of 4 GiB",
        "RESOURCE_EXHAUSTED",
        (stream: ServerHttp2Stream) => {
          stream.respond(HEADERS);
          stream.write(frame(Buffer.from("start"), 0xffffffff));
        },
      ],
      [
        "a compressed message that isn't",
        "INTERNAL",
        (stream: ServerHttp2Stream) => {
          stream.respond({ ...HEADERS, "grpc-encoding": "gzip" });
          const framed = frame(Buffer.from("no gzip"));
          framed[0] = 1;
          stream.write(framed);
        },
      ],
      [
        "a message in a compression that nobody asked for",
        "INTERNAL",
        (stream: ServerHttp2Stream) => {
          stream.respond({ ...HEADERS, "grpc-encoding": "brotli" });
          const framed = frame(Buffer.from("x"));
          framed[0] = 1;
          stream.write(framed);
        },
      ],
      [
        "details that are none",
        "NOT_FOUND",
        (s: ServerHttp2Stream) => trailersOnly(s, { "grpc-status": "5", "grpc-status-details-bin": "/////w==" }),
      ],
      [
        "a message that can't be unescaped",
        "NOT_FOUND",
        (stream: ServerHttp2Stream) => trailersOnly(stream, { "grpc-status": "5", "grpc-message": "100%zz" }),
      ],
    ])("%s", async (_what, code, answer) => {
      const error = await failure(await http2Server(answer), call, options);
      expect(error).toBeInstanceOf(ProbeError);
      expect(error).toMatchObject({ code });
    });

    it("a connection that breaks", async () => {
      const target = await http2Server((_stream, session) => session.destroy());
      expect(await failure(target, call, options)).toBeInstanceOf(ProbeError);
    });

    it("a connection that says it will go away, and never answers", async () => {
      const target = await http2Server((_stream, session) => session.goaway(0));
      const error = await failure(target, call, options, 500);
      expect(error).toBeInstanceOf(ProbeUnavailableError);
    });

    it("a peer that answers nothing", async () => {
      const target = await http2Server(() => {});
      const error = await failure(target, call, options, 200);
      expect(error).toBeInstanceOf(ProbeUnavailableError);
      expect(error).toMatchObject({ code: "DEADLINE_EXCEEDED" });
    });

    it("a peer that accepts the connection and says nothing", async () => {
      // With less time than a connection takes, it would be late rather than unsent, and a busy machine takes some of it.
      const error = await failure(await tcpServer(() => {}), call, options, 600);
      expect(error).toBeInstanceOf(ProbeUnavailableError);
      // It was never sent: no server was too slow for it.
      expect(error).toMatchObject({ code: "UNAVAILABLE" });
    });

    it("a peer that speaks something else", async () => {
      const target = await tcpServer((socket) => socket.write("SSH-2.0-OpenSSH_9.2p1\r\n"));
      expect(await failure(target, call, options, 1_000)).toBeInstanceOf(ProbeUnavailableError);
    });

    it("trailers that are too large", async () => {
      const target = await http2Server((stream) =>
        trailersOnly(stream, { "grpc-status": "5", "x-large": "x".repeat(100_000) }),
      );
      expect(await failure(target, call, options, 500)).toBeInstanceOf(ProbeError);
    });
  });

  it.each([
    ["unary", (client: ProbeClient) => client.unary({})],
    ["client streaming", (client: ProbeClient) => client.clientStream(one())],
  ])("%s: OK without a response", async (_kind, call) => {
    const target = await http2Server((stream) => respond(stream, Buffer.alloc(0), { "grpc-status": "0" }));
    const error = await failure(target, call, options);
    expect(error).toBeInstanceOf(ProbeUnknownError);
    expect(error).toMatchObject({ code: "UNIMPLEMENTED", message: "The server sent no response" });
  });

  it.each([
    ["unary", (client: ProbeClient) => client.unary({})],
    ["client streaming", (client: ProbeClient) => client.clientStream(one())],
  ])("%s: two responses", async (_kind, call) => {
    for (const body of [[Buffer.concat([RESPONSE, RESPONSE])], [RESPONSE, RESPONSE]]) {
      const target = await http2Server((stream) => {
        stream.respond(HEADERS, { waitForTrailers: true });
        stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
        stream.write(body[0]);
        setTimeout(() => stream.end(body[1]), 50);
      });
      const error = await failure(target, call, options);
      expect(error).toBeInstanceOf(ProbeUnknownError);
      expect(error).toMatchObject({ message: "The server sent more than one response" });
    }
  });

  it("a response, and then an error: the error counts", async () => {
    const target = await http2Server((stream) => respond(stream, RESPONSE, { "grpc-status": "5" }));
    const error = await failure(target, (client) => client.unary({}), options);
    expect(error).toBeInstanceOf(ProbeNotFoundError);
  });
});

describe("interceptors that misbehave", () => {
  const call = (client: ProbeClient, options: CallOptions): Promise<unknown> => client.unary({ id: "1" }, options);
  const answering = (): Promise<string> => http2Server((stream) => respond(stream, RESPONSE, { "grpc-status": "0" }));

  it("one that throws is the caller's own error", async () => {
    const thrown = new Error("no token");
    const interceptors = [
      () => {
        throw thrown;
      },
    ];
    expect(await failure(await answering(), call, { interceptors })).toBe(thrown);
  });

  it.each(["onReceiveMetadata", "onReceiveMessage", "onReceiveStatus"])("one whose %s throws", async (name) => {
    const thrown = new Error("bug");
    const options: ClientOptions = {
      interceptors: [
        (options, nextCall) =>
          new InterceptingCall(nextCall(options), {
            start: (metadata, _listener, next) =>
              next(metadata, {
                [name]: () => {
                  throw thrown;
                },
              }),
          }),
      ],
    };
    expect(await failure(await answering(), call, options)).toBe(thrown);
  });

  it("one that never starts the call is ended by the deadline", async () => {
    const options: ClientOptions = {
      interceptors: [(options, nextCall) => new InterceptingCall(nextCall(options), { start: () => {} })],
    };
    const error = await failure(await answering(), call, options, 200);
    expect(error).toMatchObject({ code: "DEADLINE_EXCEEDED" });
  });

  it("one that swallows the status is ended by the deadline", async () => {
    const options: ClientOptions = {
      interceptors: [
        (options, nextCall) =>
          new InterceptingCall(nextCall(options), {
            start: (metadata, _listener, next) => next(metadata, { onReceiveStatus: () => {} }),
          }),
      ],
    };
    const error = await failure(await answering(), call, options, 200);
    expect(error).toMatchObject({ code: "DEADLINE_EXCEEDED" });
  });
});
