import { constants, createServer, type ServerHttp2Session, type ServerHttp2Stream } from "node:http2";
import type { AddressInfo } from "node:net";
import { deflateSync, gzipSync } from "node:zlib";
import { create, toBinary } from "@bufbuild/protobuf";
import { anyPack } from "@bufbuild/protobuf/wkt";
import { afterEach, describe, expect, it } from "vitest";
import { ProbeResponseSchema, ProbeService } from "../../test-support/gen/probe/v1/probe_pb.js";
import { insecureChannel, type ProbeClient, probeClient } from "../../test-support/probe-client.js";
import { trailersWith } from "../../test-support/probe-statuses.js";
import { RawClient } from "../../test-support/raw-client.js";
import { ContractError } from "../errors/contract-error.js";
import { STATUS_DETAILS_TRAILER } from "../errors/status-details.js";
import { BadRequestSchema } from "../gen/google/rpc/error_details_pb.js";

// Servers that answer with some messages and then with an error. Whatever the client is doing meanwhile, all of it arrives.

const open: (() => void)[] = [];

afterEach(() => {
  for (const close of open.splice(0).reverse()) {
    close();
  }
});

async function serve(answer: (stream: ServerHttp2Stream, headers: NodeJS.Dict<unknown>) => void): Promise<string> {
  const server = createServer();
  const sessions = new Set<ServerHttp2Session>();
  server.on("session", (session) => {
    sessions.add(session);
    session.on("error", () => {});
  });
  server.on("stream", (stream, headers) => {
    stream.on("error", () => {});
    stream.resume();
    answer(stream, headers);
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

function clientOf(target: string): ProbeClient {
  const channel = insecureChannel(target);
  open.push(() => channel.close());
  return probeClient(channel);
}

const ENCODINGS = {
  identity: (bytes: Uint8Array) => bytes,
  gzip: (bytes: Uint8Array) => gzipSync(bytes),
  deflate: (bytes: Uint8Array) => deflateSync(bytes),
} as const;
type Encoding = keyof typeof ENCODINGS;

function message(id: number, encoding: Encoding): Buffer {
  const bytes = ENCODINGS[encoding](toBinary(ProbeResponseSchema, create(ProbeResponseSchema, { id: String(id) })));
  return frame(bytes, encoding === "identity" ? 0 : 1);
}

function frame(bytes: Uint8Array, flag: number): Buffer {
  const framed = Buffer.alloc(5 + bytes.byteLength);
  framed[0] = flag;
  framed.writeUInt32BE(bytes.byteLength, 1);
  framed.set(bytes, 5);
  return framed;
}

const violations = anyPack(BadRequestSchema, create(BadRequestSchema, { fieldViolations: [{ field: "id" }] }));
const details = Buffer.from(trailersWith({ details: [violations] }).get(STATUS_DETAILS_TRAILER)[0] ?? "");
const TRAILERS = { "grpc-message": "not%20here", [STATUS_DETAILS_TRAILER]: details.toString("base64") };

/** Answers with `count` messages in one packet or in one each, and with a status. */
function answering(count: number, encoding: Encoding, status: string, pieces: "together" | "apart" = "together") {
  return (stream: ServerHttp2Stream): void => {
    stream.respond(
      { ":status": 200, "content-type": "application/grpc", "grpc-encoding": encoding },
      { waitForTrailers: true },
    );
    stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": status, ...TRAILERS }));
    const messages = Array.from({ length: count }, (_, id) => message(id, encoding));
    for (const part of pieces === "together" ? [Buffer.concat(messages)] : messages) {
      stream.write(part);
    }
    stream.end();
  };
}

const READERS = {
  "that reads on": (_id: string) => undefined,
  "that takes its time at first": (id: string) =>
    id === "0" ? new Promise((resolve) => setTimeout(resolve, 10)) : undefined,
} as const;

const STREAMS = ["serverStream", "bidiStream"] as const;

/** Reads a stream to its end: the ids that came, and the error. */
async function read(client: ProbeClient, kind: (typeof STREAMS)[number], pause: (id: string) => unknown) {
  async function* none() {}
  const ids: string[] = [];
  try {
    for await (const { id } of kind === "serverStream" ? client.serverStream({}) : client.bidiStream(none())) {
      ids.push(id);
      await pause(id);
    }
  } catch (error) {
    return { ids, error: error as ContractError };
  }
  throw new Error("the stream ended well");
}

const idsTo = (count: number) => Array.from({ length: count }, (_, id) => String(id));

describe.each(STREAMS)("%s", (kind) => {
  it.each(Object.keys(ENCODINGS) as Encoding[])("delivers what came as %s before an error", async (encoding) => {
    const answers: ((stream: ServerHttp2Stream) => void)[] = [];
    const client = clientOf(await serve((stream) => answers.shift()?.(stream)));
    for (const [reader, pause] of Object.entries(READERS)) {
      for (const pieces of ["together", "apart"] as const) {
        for (const count of [0, 1, 2, 50]) {
          answers.push(answering(count, encoding, "5", pieces));
          const { ids, error } = await read(client, kind, pause);
          expect(ids, `${count} messages, ${pieces}, to a reader ${reader}`).toEqual(idsTo(count));
          expect(error).toMatchObject({ code: "NOT_FOUND", message: "not here" });
          expect(error.detail(BadRequestSchema)?.fieldViolations).toHaveLength(1);
        }
      }
    }
  });
});

it.each([
  ["1", "CANCELLED"],
  ["13", "INTERNAL"],
  ["14", "UNAVAILABLE"],
  ["17", "UNKNOWN"],
  ["-1", "UNKNOWN"],
  ["abc", "UNKNOWN"],
  ["", "UNKNOWN"],
  ["00", "UNKNOWN"],
])("messages before the status %j, which is %s", async (status, code) => {
  const client = clientOf(await serve(answering(3, "gzip", status)));
  const { ids, error } = await read(client, "serverStream", () => undefined);
  expect(ids).toEqual(idsTo(3));
  expect(error).toMatchObject({ code });
});

it("an error that came before its connection went is the error, whoever reads", async () => {
  const answer = answering(40, "gzip", "5");
  const target = await serve((stream) => {
    answer(stream);
    stream.on("close", () => setTimeout(() => stream.session?.destroy(), 5));
  });
  for (const pause of Object.values(READERS)) {
    expect((await read(clientOf(target), "serverStream", pause)).error).toMatchObject({ code: "NOT_FOUND" });
  }
});

it.each(["0", "5"])("requests that are still sent don't change an answer with the status %s", async (status) => {
  const answer = answering(50, "gzip", status);
  // Asked for nothing more: the client's stream stays open.
  const client = clientOf(await serve(answer));
  async function* endless() {
    for (let count = 0; ; count++) {
      await new Promise((resolve) => setTimeout(resolve, count === 0 ? 0 : 1));
      yield { id: String(count) };
    }
  }
  const ids: string[] = [];
  const reading = (async () => {
    for await (const { id } of client.bidiStream(endless())) {
      ids.push(id);
      await new Promise((resolve) => setTimeout(resolve, Number(id) % 10 === 0 ? 5 : 0));
    }
  })();
  if (status === "0") {
    await reading;
  } else {
    await expect(reading).rejects.toMatchObject({ code: "NOT_FOUND", message: "not here" });
  }
  expect(ids).toEqual(idsTo(50));
});

it("a call that is cancelled while its error waits has been cancelled", async () => {
  const client = clientOf(await serve(answering(50, "gzip", "5")));
  const leave = new AbortController();
  const ids: string[] = [];
  const reading = (async () => {
    for await (const { id } of client.serverStream({}, { signal: leave.signal })) {
      ids.push(id);
      leave.abort();
    }
  })();
  await expect(reading).rejects.toMatchObject({ code: "CANCELLED", message: "Cancelled by the caller" });
  expect(ids).toEqual(["0"]);
});

it("grpc-js by itself loses messages that are compressed, when an error follows", async () => {
  const client = new RawClient(await serve(answering(50, "gzip", "5")));
  open.push(() => client.close());
  const { code, responses } = await client.call(ProbeService.method.serverStream, [{}]);
  expect(code).toBe(5);
  expect(responses.length).toBeLessThan(50);
});

describe("a message that can't be unpacked ends the call as INTERNAL, and says why", () => {
  const garbage = Uint8Array.of(1, 2, 3, 4);

  it.each<[string, Record<string, string>, Uint8Array, RegExp]>([
    ["compressed, without an encoding", {}, gzipSync(garbage), /didn't say how it is compressed/],
    ["compressed as identity", { "grpc-encoding": "identity" }, garbage, /didn't say how it is compressed/],
    ["of an unknown encoding", { "grpc-encoding": "br" }, garbage, /compressed as "br", which this client doesn't/],
    ["of an encoding like an object's key", { "grpc-encoding": "constructor" }, garbage, /compressed as "constructor"/],
    ["that isn't gzip's", { "grpc-encoding": "gzip" }, garbage, /decompress gzip/],
    ["that is half of gzip's", { "grpc-encoding": "gzip" }, gzipSync(garbage).subarray(0, 15), /decompress gzip/],
    ["that isn't deflate's", { "grpc-encoding": "deflate" }, garbage, /decompress deflate/],
    ["empty, but compressed", { "grpc-encoding": "br" }, new Uint8Array(), /compressed as "br"/],
  ])("%s", async (_what, headers, body, text) => {
    for (const status of ["0", "5"]) {
      const target = await serve((stream) => {
        stream.respond({ ":status": 200, "content-type": "application/grpc", ...headers }, { waitForTrailers: true });
        stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": status }));
        stream.end(Buffer.concat([message(0, "identity"), frame(body, 1)]));
      });
      const { ids, error } = await read(clientOf(target), "serverStream", () => undefined);
      expect(error).toBeInstanceOf(ContractError);
      expect(error).toMatchObject({ code: "INTERNAL", message: expect.stringMatching(text) });
      expect(ids).toEqual(["0"]);
    }
  });

  it("but an encoding may be unknown that no message uses", async () => {
    const target = await serve((stream) => {
      stream.respond(
        { ":status": 200, "content-type": "application/grpc", "grpc-encoding": "br" },
        { waitForTrailers: true },
      );
      stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
      stream.end(message(7, "identity"));
    });
    expect((await clientOf(target).unary({})).id).toBe("7");
  });
});

describe("a server that resets calls at its own deadline", () => {
  const call = (client: ProbeClient, timeoutMs: number) => ({
    unary: () => client.unary({}, { timeoutMs }),
    serverStream: () => client.serverStream({}, { timeoutMs })[Symbol.asyncIterator]().next(),
  });

  it.each(["unary", "serverStream"] as const)("a little before the client's own: %s", async (kind) => {
    const target = await serve((stream, headers) => {
      const timeoutMs = Number.parseInt(String(headers["grpc-timeout"]), 10);
      setTimeout(() => stream.close(constants.NGHTTP2_CANCEL), timeoutMs - 5);
    });
    const client = clientOf(target);
    await call(client, 60)
      .unary()
      .catch(() => {});
    const ends = Array.from({ length: 20 }, () =>
      call(client, 60)
        [kind]()
        .catch((error: unknown) => error),
    );
    for (const error of await Promise.all(ends)) {
      expect(error).toMatchObject({ code: "DEADLINE_EXCEEDED" });
    }
  });

  it.each(["unary", "serverStream"] as const)("long before is a cancel: %s", async (kind) => {
    const client = clientOf(await serve((stream) => stream.close(constants.NGHTTP2_CANCEL)));
    await expect(call(client, 30_000)[kind]()).rejects.toMatchObject({ code: "CANCELLED" });
  });
});
