import type { OutgoingHttpHeaders } from "node:http2";
import { Metadata } from "@grpc/grpc-js";
import { PUSHBACK_TRAILER, STATUS_DETAILS_TRAILER } from "../../errors/status-details.js";
import { addMetadata } from "../http2/outgoing-fields.js";
import type { WebExchange } from "./web-exchange.js";
import { TIMEOUT_HEADERS } from "./web-timeout.js";

// They say how the call is carried, and nothing to its handler.
const TRANSPORT_HEADERS = new Set<string>([
  ...[
    "connection",
    "keep-alive",
    "proxy-connection",
    "transfer-encoding",
    "upgrade",
    "te",
    "trailer",
    "expect",
    "host",
  ],
  ...["content-type", "content-length", "content-encoding", "accept-encoding", "http2-settings"],
  ...["connect-protocol-version", "connect-content-encoding", "connect-accept-encoding"],
  ...["grpc-encoding", "grpc-accept-encoding", "x-grpc-web", ...TIMEOUT_HEADERS],
]);

/** What a caller sent, as a handler sees it. @param withCookies whether cookies count */
export function requestMetadata({ request }: WebExchange, withCookies: boolean): Metadata {
  const kept = Object.entries(request.headers).filter(
    ([name]) => !name.startsWith(":") && !TRANSPORT_HEADERS.has(name) && (name !== "cookie" || withCookies),
  );
  return Metadata.fromHttp2Headers(Object.fromEntries(kept));
}

/**
 * Adds metadata to headers.
 *
 * @throws {Error} if it is more than a transport carries
 */
export function addToHeaders(headers: Headers, metadata: Metadata | undefined): void {
  if (metadata === undefined) {
    return;
  }
  const fields: OutgoingHttpHeaders = {};
  addMetadata(fields, metadata);
  for (const [name, value] of Object.entries(fields)) {
    if (!NOT_HERE.has(name)) {
      for (const each of Array.isArray(value) ? value : [value]) {
        headers.append(name, String(each));
      }
    }
  }
}

// Each protocol has its own place for an error's details; a pushback is gRPC's alone, and `RetryInfo` says the same.
const NOT_HERE = new Set([STATUS_DETAILS_TRAILER, PUSHBACK_TRAILER]);

/** Headers as Node writes them: several cookies can't be in one line. */
export function nodeHeaders(headers: Headers | undefined): Record<string, string | string[]> {
  const fields: Record<string, string | string[]> = {};
  headers?.forEach((value, name) => {
    fields[name] = name === "set-cookie" ? headers.getSetCookie() : value;
  });
  return fields;
}
