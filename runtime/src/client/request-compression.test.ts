import { createServer } from "node:http2";
import type { AddressInfo } from "node:net";
import { compressionAlgorithms } from "@grpc/grpc-js";
import { afterEach, describe, expect, it } from "vitest";
import { insecureChannel, probeClient } from "../../test-support/probe-client.js";
import type { RequestCompression } from "./request-compression.js";

// What requests look like on the wire: the flag of each.

const open: (() => void)[] = [];

afterEach(() => {
  for (const close of open.splice(0).reverse()) {
    close();
  }
});

/** A server that keeps the flags of each call's messages, and answers with an error. */
async function listening(): Promise<{ target: string; flags: () => Promise<number[]> }> {
  const server = createServer();
  const flags = new Promise<number[]>((resolve) => {
    server.on("stream", (stream) => {
      const chunks: Buffer[] = [];
      stream.on("error", () => {});
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("end", () => {
        resolve(flagsOf(Buffer.concat(chunks)));
        stream.respond({ ":status": 200, "content-type": "application/grpc", "grpc-status": "5" }, { endStream: true });
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  open.push(() => void server.close());
  return { target: `127.0.0.1:${(server.address() as AddressInfo).port}`, flags: () => flags };
}

function flagsOf(messages: Buffer): number[] {
  const flags: number[] = [];
  for (let at = 0; at < messages.byteLength; at += 5 + messages.readUInt32BE(at + 1)) {
    flags.push(messages.readUInt8(at));
  }
  return flags;
}

function clientOf(target: string, compresses: boolean) {
  const extraOptions = compresses ? { "grpc.default_compression_algorithm": compressionAlgorithms.gzip } : {};
  const channel = insecureChannel(target, {}, { extraOptions });
  open.push(() => channel.close());
  return probeClient(channel);
}

async function* three() {
  yield { id: "a" };
  yield { id: "b" };
  yield { id: "c" };
}

const CHOICES: readonly [string, RequestCompression | undefined, number[]][] = [
  ["nothing said", undefined, [1, 1, 1]],
  ["true", true, [1, 1, 1]],
  ["false", false, [0, 0, 0]],
  ["a function of the place", (_request, index) => index === 1, [0, 1, 0]],
  ["a function of the request", (request) => "id" in request && request.id !== "b", [1, 0, 1]],
];

describe.each(CHOICES)("%s", (_what, compress, expected) => {
  const options = compress === undefined ? {} : { compress };

  it.each(["unary", "clientStream", "serverStream", "bidiStream"] as const)("%s", async (kind) => {
    for (const compresses of [true, false]) {
      const { target, flags } = await listening();
      const client = clientOf(target, compresses);
      const end = {
        unary: () => client.unary({ id: "a" }, options),
        clientStream: () => client.clientStream(three(), options),
        serverStream: () => client.serverStream({ id: "a" }, options)[Symbol.asyncIterator]().next(),
        bidiStream: () => client.bidiStream(three(), options)[Symbol.asyncIterator]().next(),
      }[kind]();
      await expect(end).rejects.toMatchObject({ code: "NOT_FOUND" });
      const sent = kind === "unary" || kind === "serverStream" ? expected.slice(0, 1) : expected;
      expect(await flags()).toEqual(compresses ? sent : sent.map(() => 0));
    }
  });
});

it("what the function throws is what the caller gets", async () => {
  const client = clientOf((await listening()).target, true);
  const thrown = new Error("can't say");
  const compress = () => {
    throw thrown;
  };
  await expect(client.unary({}, { compress })).rejects.toBe(thrown);
  await expect(client.clientStream(three(), { compress })).rejects.toBe(thrown);
});
