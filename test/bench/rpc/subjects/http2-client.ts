import { connect, type IncomingHttpHeaders } from "node:http2";
import { expectAnswer, TIMEOUT_MS } from "../payloads.js";
import type { BenchClient } from "../subject.js";
import {
  FAILING_REQUEST,
  HEAD_BYTES,
  IMPORT_REQUEST,
  IMPORT_RESPONSE,
  LIST_REQUEST,
  PING_REQUEST,
  PING_RESPONSE,
  TRANSFER_REQUEST,
  TRANSFER_RESPONSE,
} from "./http2-frames.js";

/** The least that is gRPC: requests that were encoded before, and no look at what comes but for its size and its status. */
export function openClient(target: string): BenchClient {
  const session = connect(`http://${target}`);
  const call = (method: string, request: Buffer, received: (chunk: Buffer) => void): Promise<IncomingHttpHeaders> =>
    new Promise((resolve, reject) => {
      const stream = session.request({
        ":method": "POST",
        ":path": `/bench.v1.BenchService/${method}`,
        "content-type": "application/grpc",
        te: "trailers",
        "grpc-timeout": `${TIMEOUT_MS}m`,
      });
      let status: IncomingHttpHeaders = {};
      stream.on("response", (headers) => {
        status = headers;
      });
      stream.on("trailers", (headers) => {
        status = headers;
      });
      stream.on("data", received);
      stream.on("end", () => resolve(status));
      stream.on("error", reject);
      stream.end(request);
    });
  const unary = async (method: string, request: Buffer, response: Buffer) => {
    let size = 0;
    const status = await call(method, request, (chunk) => {
      size += chunk.byteLength;
    });
    expectAnswer(status["grpc-status"] === "0" && size === response.byteLength);
  };
  return {
    empty: () => unary("Ping", PING_REQUEST, PING_RESPONSE),
    small: () => unary("Transfer", TRANSFER_REQUEST, TRANSFER_RESPONSE),
    large: () => unary("ImportEntries", IMPORT_REQUEST, IMPORT_RESPONSE),
    async stream() {
      const counter = new MessageCounter();
      await call("ListEntries", LIST_REQUEST, (chunk) => counter.push(chunk));
      return counter.messages;
    },
    async failing() {
      const status = await call("Transfer", FAILING_REQUEST, () => {});
      expectAnswer(status["grpc-status"] === "9" && status["grpc-status-details-bin"] !== undefined);
    },
  };
}

/** Counts messages in chunks that begin and end anywhere. */
class MessageCounter {
  messages = 0;
  #head: Buffer = Buffer.alloc(0);
  #missing = 0;

  push(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.byteLength) {
      if (this.#missing > 0) {
        const taken = Math.min(this.#missing, chunk.byteLength - at);
        this.#missing -= taken;
        at += taken;
        continue;
      }
      const more = chunk.subarray(at, at + HEAD_BYTES - this.#head.byteLength);
      at += more.byteLength;
      this.#head = this.#head.byteLength === 0 ? more : Buffer.concat([this.#head, more]);
      if (this.#head.byteLength === HEAD_BYTES) {
        this.#missing = this.#head.readUInt32BE(1);
        this.#head = Buffer.alloc(0);
        this.messages += 1;
      }
    }
  }
}
