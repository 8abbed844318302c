import type { UniversalServerRequest } from "@connectrpc/connect/protocol";
import type { WebExchange } from "./web-exchange.js";

// An enveloped message: not packed, and so long.
const envelope = (message: Uint8Array): Uint8Array => Uint8Array.of(0, 0, 0, 0, message.byteLength, ...message);

const EMPTY_JSON = new TextEncoder().encode("{}");
const NOTHING = new Uint8Array(0);

/**
 * An empty request in the place of one that isn't read, in its protocol: what answers it is the call, with a status that it has
 * already.
 */
export function standIn(exchange: WebExchange, signal: AbortSignal): UniversalServerRequest {
  const isGet = exchange.method === "GET";
  const contentType = isGet ? "application/json" : (exchange.header("content-type") ?? "");
  const message = /json/i.test(contentType) ? EMPTY_JSON : NOTHING;
  const isUnary = /^application\/(?:json|proto)\b/i.test(contentType);
  return {
    httpVersion: exchange.request.httpVersion,
    method: "POST",
    url: `http://localhost${exchange.path}`,
    header: new Headers({ "content-type": contentType }),
    body: once(isUnary ? message : envelope(message)),
    signal,
  };
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
