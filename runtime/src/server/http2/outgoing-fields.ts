import type { OutgoingHttpHeaders } from "node:http2";
import type { Metadata } from "@grpc/grpc-js";
import { outgoingMetadata } from "../../wire/outgoing-metadata.js";

/** What headers or trailers may have. Beyond 64 KiB, nghttp2 drops them, and Node 20 says nothing of it: a call would end without a status. */
export const MAX_FIELD_BYTES = 60_000;

/**
 * Adds metadata to header fields: without what isn't a handler's to set, and bytes in base64 without padding, as
 * PROTOCOL-HTTP2 asks of who sends it.
 *
 * @throws {Error} if the metadata can't be written, or is more than HTTP/2 carries
 */
export function addMetadata(fields: OutgoingHttpHeaders, metadata: Metadata): void {
  const values = outgoingMetadata(metadata).toHttp2Headers();
  let bytes = 0;
  for (const name of Object.keys(values)) {
    const value = values[name];
    bytes += name.length + String(value).length;
    fields[name] = name.endsWith("-bin") ? unpadded(value) : value;
  }
  if (bytes > MAX_FIELD_BYTES) {
    throw new Error(`The metadata has ${bytes} bytes, and HTTP/2 carries ${MAX_FIELD_BYTES}`);
  }
}

type Value = OutgoingHttpHeaders[string];

function unpadded(value: Value): Value {
  return Array.isArray(value) ? value.map(withoutPadding) : withoutPadding(String(value));
}

function withoutPadding(base64: string): string {
  const end = base64.indexOf("=");
  return end < 0 ? base64 : base64.slice(0, end);
}
