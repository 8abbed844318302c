import type { Metadata } from "@grpc/grpc-js";
import { encodeStatusMessage } from "./status-message.js";

/** What headers and trailers of an answer may take together by default, in bytes. nginx has 4 KiB for them, HAProxy 16. */
export const DEFAULT_ANSWER_METADATA_BYTES = 3_584;

/** What HTTP/2 counts for a field beside its name and value (RFC 9113, section 6.5.2), and more than it takes on the wire. */
const FIELD_BYTES = 32;

// `:status`, `content-type`, `date`, `grpc-status`, the encodings, a pushback.
const OWN_BYTES = 420;

/** What an answer's headers and trailers may take, and what others have taken of it. In bytes, as HTTP/2 counts them. */
export interface AnswerRoom {
  readonly limit: number;
  readonly taken: number;
}

/** What fields take that a handler has set: bytes are base64 there. */
export function metadataBytes(metadata: Metadata | undefined): number {
  let bytes = 0;
  for (const key of metadata === undefined ? [] : Object.keys(metadata.getMap())) {
    for (const value of metadata?.get(key) ?? []) {
      bytes += fieldBytes(key, typeof value === "string" ? value.length : base64Length(value.byteLength));
    }
  }
  return bytes;
}

/**
 * How many bytes a binary field may have beside a status message and what an answer has anyway.
 *
 * It is no more than four sevenths of the limit, 2 KiB by default: proxies add fields of their own.
 */
export function roomForField({ limit, taken }: AnswerRoom, key: string, message: string): number {
  const left =
    limit - taken - OWN_BYTES - fieldBytes("grpc-message", encodeStatusMessage(message).length) - fieldBytes(key, 0);
  return Math.max(0, Math.min(Math.floor((left * 3) / 4), Math.floor((limit * 4) / 7)));
}

function fieldBytes(name: string, valueLength: number): number {
  return name.length + valueLength + FIELD_BYTES;
}

function base64Length(bytes: number): number {
  return Math.ceil((bytes * 4) / 3);
}
