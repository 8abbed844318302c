import { connect, type IncomingHttpHeaders } from "node:http2";
import { create, fromBinary } from "@bufbuild/protobuf";
import { type Any, AnySchema, anyUnpack } from "@bufbuild/protobuf/wkt";
import { afterEach, describe, expect, it } from "vitest";
import { bindProbe, TooLowError } from "../../test-support/probe-service.js";
import type { CallContext } from "../call/call-context.js";
import type { ContractErrorOptions } from "../errors/contract-error.js";
import { ErrorInfoSchema } from "../gen/google/rpc/error_details_pb.js";
import { StatusSchema } from "../gen/google/rpc/status_pb.js";
import { startTestServer } from "../testing/index.js";
import type { ServerOptions } from "./server-options.js";

// What an answer has of headers and trailers, as a proxy counts them: nginx's buffer for both has 4 KiB.

const LIMIT = 3_584;

const open: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of open.splice(0).reverse()) {
    await close();
  }
});

interface Answer {
  readonly blocks: IncomingHttpHeaders[];
  readonly bytes: number;
}

/** All that the server sends of fields, as HTTP/2 counts them. */
async function answer(options: Partial<ServerOptions>, handle: (context: CallContext) => never): Promise<Answer> {
  const unary = (_request: unknown, context: CallContext): never => handle(context);
  const server = await startTestServer([bindProbe({ unary })], options);
  open.push(() => server.close());
  const session = connect(`http://${server.address}`);
  open.push(() => session.destroy());
  const stream = session.request({
    ":method": "POST",
    ":path": "/probe.v1.ProbeService/Unary",
    "content-type": "application/grpc+proto",
    te: "trailers",
  });
  const blocks: IncomingHttpHeaders[] = [];
  stream.on("response", (block) => blocks.push(block));
  stream.on("trailers", (block) => blocks.push(block));
  stream.resume();
  stream.end(Buffer.alloc(5));
  await new Promise((resolve) => stream.on("close", resolve));
  const fields = blocks.flatMap((block) => Object.entries(block)).filter(([name]) => typeof name === "string");
  return { blocks, bytes: fields.reduce((sum, [name, value]) => sum + name.length + String(value).length + 32, 0) };
}

function detailsOf({ blocks }: Answer): readonly Any[] {
  const encoded = String(blocks.at(-1)?.["grpc-status-details-bin"] ?? "");
  return fromBinary(StatusSchema, new Uint8Array(Buffer.from(encoded, "base64"))).details;
}

const failing =
  (balance: string, options: ContractErrorOptions = {}) =>
  (): never => {
    throw new TooLowError({ balance }, options);
  };

const infoOf = (answered: Answer) =>
  detailsOf(answered)
    .map((detail) => anyUnpack(detail, ErrorInfoSchema))
    .find((info) => info !== undefined);

describe("an error's answer", () => {
  const large = create(AnySchema, { typeUrl: "type.googleapis.com/probe.v1.Large", value: new Uint8Array(3_000) });

  it.each([
    ["metadata of 2,100 bytes", failing("x".repeat(2_100), { message: "too low" })],
    ["metadata of 100,000 bytes", failing("x".repeat(100_000), { message: "too low" })],
    ["as long a message as there can be", failing("x".repeat(2_100), { message: "m".repeat(2_000) })],
    ["a message that isn't ASCII", failing("💰".repeat(900), { message: "ü".repeat(2_000) })],
    ["details of its own", failing("x".repeat(500), { message: "too low", details: [large, large] })],
    [
      "trailers of the handler's",
      (context: CallContext) => {
        context.responseTrailers.set("x-more", "t".repeat(800));
        context.responseTrailers.set("x-more-bin", Buffer.alloc(300));
        return failing("x".repeat(2_100), { message: "too low" })();
      },
    ],
    [
      "headers of the handler's",
      (context: CallContext) => {
        context.responseHeaders.set("x-more", "h".repeat(1_500));
        return failing("x".repeat(2_100), { message: "too low" })();
      },
    ],
    [
      "hardly any room",
      (context: CallContext) => {
        context.responseTrailers.set("x-more", "t".repeat(1_700));
        return failing("x".repeat(2_100), { message: "m".repeat(1_000) })();
      },
    ],
  ])("stays below 3.5 KiB, and has its reason: %s", async (_what, handle) => {
    const answered = await answer({}, handle);
    expect(answered.blocks.at(-1)?.["grpc-status"]).toBe("9");
    expect(answered.bytes).toBeLessThanOrEqual(LIMIT);
    expect(infoOf(answered)).toMatchObject({ reason: "TOO_LOW" });
  });

  it("has its reason even where a handler has taken all the room", async () => {
    const answered = await answer({}, (context) => {
      context.responseTrailers.set("x-more", "t".repeat(LIMIT));
      return failing("x".repeat(2_100), { message: "m".repeat(1_000) })();
    });
    expect(infoOf(answered)).toMatchObject({ reason: "TOO_LOW", metadata: {} });
    expect(answered.blocks.at(-1)?.["x-more"]).toHaveLength(LIMIT);
  });

  it("isn't cut where it fits", async () => {
    const answered = await answer({}, failing("x".repeat(700), { message: "too low" }));
    expect(infoOf(answered)?.metadata.balance).toHaveLength(700);
  });

  it("may be larger where the server says so", async () => {
    const answered = await answer({ maxResponseMetadataBytes: 16_000 }, failing("x".repeat(2_100)));
    expect(infoOf(answered)?.metadata.balance).toHaveLength(2_100);
  });
});

it.each([0, -1, Number.NaN, "3584", 60_001])("a server refuses to keep answers to %s bytes", async (bytes) => {
  await expect(startTestServer([bindProbe({})], { maxResponseMetadataBytes: bytes as never })).rejects.toThrow(
    /maxResponseMetadataBytes must be a number of bytes from 1024 to 60000/,
  );
});
