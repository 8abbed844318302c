import type { OutgoingHttpHeaders } from "node:http2";
import type { Metadata } from "@grpc/grpc-js";
import { outgoingMetadata } from "../../wire/outgoing-metadata.js";

/**
 * Adds metadata to header fields: without what isn't a handler's to set, and bytes in base64 without padding, as
 * PROTOCOL-HTTP2 asks of who sends it.
 *
 * @throws {Error} if the metadata can't be written
 */
export function addMetadata(fields: OutgoingHttpHeaders, metadata: Metadata): void {
  const values = outgoingMetadata(metadata).toHttp2Headers();
  for (const name of Object.keys(values)) {
    const value = values[name];
    fields[name] = name.endsWith("-bin") ? unpadded(value) : value;
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
