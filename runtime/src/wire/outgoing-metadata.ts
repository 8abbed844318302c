import type { Metadata } from "@grpc/grpc-js";

// HTTP/2 forbids these to anybody but itself, and Node throws on them: for trailers, where nobody can catch it. Those of
// gRPC would replace what it sends.
const NOT_FOR_HANDLERS = new Set([
  ...["connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade", "http2-settings", "te", "host"],
  ...["content-type", "content-length", "grpc-status", "grpc-message", "grpc-encoding", "grpc-accept-encoding"],
]);

// Node throws on a second value of these.
const SINGLE_VALUE = new Set([
  ...["access-control-allow-credentials", "access-control-max-age", "access-control-request-method", "age"],
  ...["authorization", "content-encoding", "content-language", "content-location", "content-md5", "content-range"],
  ...["date", "dnt", "etag", "expires", "from", "if-match", "if-modified-since", "if-none-match", "if-range"],
  ...["if-unmodified-since", "last-modified", "location", "max-forwards", "proxy-authorization", "range", "referer"],
  ...["retry-after", "tk", "upgrade-insecure-requests", "user-agent", "x-content-type-options"],
]);

/** What a handler put into headers or trailers, fit for HTTP/2: without what isn't its to set. */
export function outgoingMetadata(metadata: Metadata): Metadata {
  let clean = metadata;
  for (const key of Object.keys(metadata.getMap())) {
    const forbidden = NOT_FOR_HANDLERS.has(key);
    const last = SINGLE_VALUE.has(key) ? metadata.get(key).slice(1).at(-1) : undefined;
    if (forbidden || last !== undefined) {
      clean = clean === metadata ? metadata.clone() : clean;
      clean.remove(key);
      if (last !== undefined) {
        clean.set(key, last);
      }
    }
  }
  return clean;
}
