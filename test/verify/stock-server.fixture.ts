import { createServer, type Http2Server, type IncomingHttpHeaders, type ServerHttp2Stream } from "node:http2";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { ErrorInfoSchema, RetryInfoSchema, StatusSchema } from "@accord-grpc/runtime/google-rpc";
import { create, type Message, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { BinaryReader, BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { anyPack } from "@bufbuild/protobuf/wkt";

/** How a call is answered. */
export interface StockAnswer {
  readonly httpStatus: number;
  readonly headers: Record<string, string>;
  /** Frames, as they go onto the wire. */
  readonly frames: readonly Buffer[];
  readonly trailers: Record<string, string>;
  /** What is done instead of an answer. */
  readonly instead?: "nothing" | "reset";
}

/** What a server that isn't Accord's is asked, and may do differently from one that keeps the contract. */
export interface StockCall {
  readonly path: string;
  readonly itemId: string;
  readonly headers: IncomingHttpHeaders;
}

/** Changes an answer of a server that keeps its contract. */
export type Violation = (answer: StockAnswer, call: StockCall) => StockAnswer;

/** What can't be done to an answer. */
export interface StockManners {
  readonly ignoresDeadlines?: boolean;
  readonly limit?: number;
}

/** A declared error, as the contract has it unless it is changed. */
export interface StockError {
  readonly status: number;
  readonly message: string;
  readonly info?: MessageInitShape<typeof ErrorInfoSchema> | undefined;
  readonly retryDelayMs?: number | undefined;
  readonly pushback?: string | undefined;
  /** The status within the details, where it is another. */
  readonly inside?: number | undefined;
  readonly more?: readonly (readonly [schema: Parameters<typeof create>[0], message: Message])[];
}

const OK = { "grpc-status": "0" };
const HEADERS = { "content-type": "application/grpc" };
export const DOMAIN = "stock.example.com";

/** The errors, as they are declared. */
export const STOCK_ERRORS = {
  ITEM_NOT_FOUND: (item: string): StockError => ({
    status: 5,
    message: `There is no item ${item}`,
    info: { reason: "ITEM_NOT_FOUND", domain: DOMAIN, metadata: { item } },
  }),
  STOCK_BUSY: (): StockError => ({
    status: 10,
    message: "The item is being counted",
    info: { reason: "STOCK_BUSY", domain: DOMAIN },
    retryDelayMs: 250,
    pushback: "250",
  }),
  SOLD_OUT: (): StockError => ({
    status: 9,
    message: "None is left",
    info: { reason: "SOLD_OUT", domain: DOMAIN },
    pushback: "-1",
  }),
} as const;

/** An answer with messages, and OK. */
export function answered(...messages: readonly Uint8Array[]): StockAnswer {
  return { httpStatus: 200, headers: HEADERS, frames: messages.map((message) => frame(message)), trailers: OK };
}

/** An answer that ends with an error. */
export function failed({ status, message, info, retryDelayMs, pushback, inside, more = [] }: StockError): StockAnswer {
  const details = [
    ...(info === undefined ? [] : [anyPack(ErrorInfoSchema, create(ErrorInfoSchema, info))]),
    ...(retryDelayMs === undefined
      ? []
      : [anyPack(RetryInfoSchema, create(RetryInfoSchema, { retryDelay: { nanos: retryDelayMs * 1e6 } }))]),
    ...more.map(([schema, detail]) => anyPack(schema, detail)),
  ];
  const bytes = toBinary(StatusSchema, create(StatusSchema, { code: inside ?? status, message, details }));
  return {
    httpStatus: 200,
    headers: HEADERS,
    frames: [],
    trailers: {
      "grpc-status": String(status),
      "grpc-message": encodeURIComponent(message).replaceAll("%20", " "),
      ...(details.length > 0 && { "grpc-status-details-bin": Buffer.from(bytes).toString("base64") }),
      ...(pushback !== undefined && { "grpc-retry-pushback-ms": pushback }),
    },
  };
}

/** A message in its frame. */
export function frame(message: Uint8Array, compressed = false): Buffer {
  const bytes = compressed ? gzipSync(message) : message;
  const head = Buffer.alloc(5);
  head.writeUInt8(compressed ? 1 : 0);
  head.writeUInt32BE(bytes.length, 1);
  return Buffer.concat([head, bytes]);
}

/** The bytes of a message of the contract: texts and numbers, by their fields. */
export function stockMessage(...fields: readonly (string | number)[]): Uint8Array {
  const writer = new BinaryWriter();
  for (const [index, value] of fields.entries()) {
    if (typeof value === "string") {
      writer.tag(index + 1, WireType.LengthDelimited).string(value);
    } else {
      writer.tag(index + 1, WireType.Varint).int64(value);
    }
  }
  return writer.finish();
}

/** A server that keeps the small contract but for one thing. It knows nothing of Accord, nor of any gRPC library. */
export async function startStockServer(
  violation: Violation = (answer) => answer,
  manners: StockManners = {},
): Promise<{ readonly target: string; readonly server: Http2Server; close(): void }> {
  const server = createServer();
  const sessions = new Set<{ destroy(): void }>();
  server.on("session", (session) => sessions.add(session));
  server.on("stream", (stream, headers) => serve(stream, headers, violation, manners));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    target: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    server,
    close: () => {
      for (const session of sessions) {
        session.destroy();
      }
      server.close();
    },
  };
}

function serve(
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  violation: Violation,
  manners: StockManners,
): void {
  const { limit = 65_536, ignoresDeadlines = false } = manners;
  const chunks: Buffer[] = [];
  const path = headers[":path"] ?? "";
  let done = false;
  const end = (answer: StockAnswer, itemId: string) => {
    if (!done) {
      done = true;
      clearTimeout(timer);
      send(stream, violation(answer, { path, itemId, headers }));
    }
  };
  const timeout = Number(/^(\d+)m$/.exec(String(headers["grpc-timeout"] ?? ""))?.[1] ?? Number.NaN);
  const timer = setTimeout(
    () => end(failed({ status: 4, message: "The deadline is over" }), ""),
    Number.isNaN(timeout) || ignoresDeadlines ? 60_000 : timeout,
  );
  stream.on("error", () => undefined);
  stream.on("close", () => clearTimeout(timer));
  stream.on("data", (chunk: Buffer) => chunks.push(chunk));
  stream.on("end", () => {
    const request = Buffer.concat(chunks).subarray(5);
    const itemId = request.length > limit ? undefined : readItemId(request);
    end(
      request.length > limit
        ? failed({ status: 8, message: "The request is too large" })
        : itemId === undefined
          ? failed({ status: 13, message: "The request can't be decoded" })
          : route(path, itemId),
      itemId ?? "",
    );
  });
}

function readItemId(request: Buffer): string | undefined {
  try {
    const reader = new BinaryReader(request);
    let itemId = "";
    while (reader.pos < reader.len) {
      const [number, type] = reader.tag();
      if (number === 1) {
        itemId = reader.string();
      } else {
        reader.skip(type, number);
      }
    }
    return itemId;
  } catch {
    return undefined;
  }
}

function route(path: string, itemId: string): StockAnswer {
  switch (path) {
    case "/grpc.health.v1.Health/Check":
      return itemId === "stock.v1.StockService"
        ? answered(stockMessage(1))
        : failed({ status: 5, message: "unknown service" });
    case "/stock.v1.StockService/GetItem":
      return itemId === "known"
        ? answered(stockMessage(itemId, 3))
        : failed(itemId === "counted" ? STOCK_ERRORS.STOCK_BUSY() : STOCK_ERRORS.ITEM_NOT_FOUND(itemId));
    case "/stock.v1.StockService/ListItems":
      return answered(stockMessage("known"), stockMessage("counted"));
    case "/stock.v1.StockService/ReserveItem":
      return failed(STOCK_ERRORS.SOLD_OUT());
    default:
      return failed({ status: 12, message: "unknown method" });
  }
}

function send(stream: ServerHttp2Stream, { httpStatus, headers, frames, trailers, instead }: StockAnswer): void {
  if (stream.destroyed || instead === "nothing") {
    return;
  }
  if (instead === "reset") {
    stream.close(2);
    return;
  }
  if (frames.length === 0) {
    stream.respond({ ":status": httpStatus, ...headers, ...trailers }, { endStream: true });
    return;
  }
  stream.respond({ ":status": httpStatus, ...headers }, { waitForTrailers: true });
  stream.on("wantTrailers", () => stream.sendTrailers(trailers));
  stream.end(Buffer.concat(frames));
}
