import { once } from "node:events";
import { createServer, type ServerHttp2Stream } from "node:http2";
import type { AddressInfo } from "node:net";
import { BALANCE, TOO_MUCH } from "../payloads.js";
import { STREAM_MESSAGES } from "../scenario.js";
import type { BenchServer } from "../subject.js";
import { FAILING_REQUEST, IMPORT_RESPONSE, LIST_RESPONSES, PING_RESPONSE, TRANSFER_RESPONSE } from "./http2-frames.js";
import { InsufficientFunds, packed } from "./status-by-hand.js";

const HEADERS = { ":status": 200, "content-type": "application/grpc" };
const SERVICE = "/bench.v1.BenchService/";

/** The least that is gRPC: neither deadline nor limit, answers that were encoded before, and no look at what comes but for its size. */
export function startServer(): Promise<BenchServer> {
  // Ten thousand streams are more than the ten megabytes that Node gives a session.
  const server = createServer({ maxSessionMemory: 1_000 });
  server.on("stream", (stream: ServerHttp2Stream, headers) => {
    stream.on("error", () => {});
    const path = headers[":path"];
    if (path === `${SERVICE}Watch`) {
      stream.respond(HEADERS, { waitForTrailers: true });
      stream.resume();
      return;
    }
    let received = 0;
    stream.on("data", (chunk: Buffer) => {
      received += chunk.byteLength;
    });
    stream.on("end", () => answer(stream, path, received));
  });
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => resolve({ port: (server.address() as AddressInfo).port }));
  });
}

function answer(stream: ServerHttp2Stream, path: string | undefined, received: number): void {
  if (path === `${SERVICE}Transfer` && received === FAILING_REQUEST.byteLength) {
    stream.respond({ ...HEADERS, ...insufficientFunds() }, { endStream: true });
    return;
  }
  stream.respond(HEADERS, { waitForTrailers: true });
  stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": 0 }));
  switch (path) {
    case `${SERVICE}Ping`:
      stream.end(PING_RESPONSE);
      break;
    case `${SERVICE}ImportEntries`:
      stream.end(IMPORT_RESPONSE);
      break;
    case `${SERVICE}ListEntries`:
      void list(stream);
      break;
    default:
      stream.end(TRANSFER_RESPONSE);
  }
}

async function list(stream: ServerHttp2Stream): Promise<void> {
  for (let index = 0; index < STREAM_MESSAGES && !stream.destroyed; index += 1) {
    if (!stream.write(LIST_RESPONSES[index % LIST_RESPONSES.length])) {
      await once(stream, "drain");
    }
  }
  stream.end();
}

function insufficientFunds() {
  const { code, details, metadata } = packed(new InsufficientFunds(BALANCE, String(TOO_MUCH)));
  return { "grpc-status": code, "grpc-message": details, ...metadata.toHttp2Headers() };
}
