import { gunzip, gunzipSync, gzip, gzipSync, inflate, inflateSync } from "node:zlib";
import { type CallFailure, refused } from "../../call/call-failure.js";
import { Status } from "../../wire/status.js";

/** What a request may be encoded in. */
export type MessageEncoding = "gzip" | "deflate";

/** What the server reads, as `grpc-accept-encoding` says it. */
export const ACCEPTED_ENCODINGS = "identity,deflate,gzip";

/** Whether the server reads an encoding; `undefined` and `identity` are none. */
export function isReadable(encoding: string): encoding is MessageEncoding | "identity" {
  return encoding === "gzip" || encoding === "deflate" || encoding === "identity";
}

// Up to here a message is unpacked where it comes: that takes at most 3 ms, as a thousandfold is the most that it can become.
const UNPACKED_AT_ONCE_BYTES = 1024;

/**
 * Unpacks a message, to no more than `maxBytes`.
 *
 * @param done is given the message, or why there is none: at once, or later for messages that take long
 */
export function unpack(
  encoding: MessageEncoding,
  packed: Buffer,
  maxBytes: number,
  done: (message: Buffer | undefined, failure: CallFailure | undefined) => void,
): void {
  // zlib wants a limit of at least one byte.
  const options = { maxOutputLength: Math.max(1, maxBytes) };
  const unpacked = (error: NodeJS.ErrnoException | null, message: Buffer): void => {
    if (error !== null) {
      done(undefined, unpackFailure(error, maxBytes));
    } else {
      done(message, undefined);
    }
  };
  if (packed.byteLength > UNPACKED_AT_ONCE_BYTES) {
    (encoding === "gzip" ? gunzip : inflate)(packed, options, unpacked);
    return;
  }
  let message: Buffer;
  try {
    message = (encoding === "gzip" ? gunzipSync : inflateSync)(packed, options);
  } catch (error) {
    done(undefined, unpackFailure(error as NodeJS.ErrnoException, maxBytes));
    return;
  }
  done(message, undefined);
}

function unpackFailure(error: NodeJS.ErrnoException, maxBytes: number): CallFailure {
  return error.code === "ERR_BUFFER_TOO_LARGE"
    ? refused(Status.RESOURCE_EXHAUSTED, `The request unpacks to more than the limit of ${maxBytes} bytes`, "error")
    : refused(Status.INTERNAL, "A request can't be unpacked", "error", error);
}

/** Smaller messages aren't compressed: a packet is a packet. */
export const LEAST_PACKED_BYTES = 1024;

// Up to here a message is packed where it is sent: it takes about 2 ms, and going to another thread takes its time too.
const PACKED_AT_ONCE_BYTES = 64 * 1024;

/** Packs a message with gzip. What doesn't shrink stays as it is: `undefined`. */
export function pack(message: Buffer): Buffer | undefined | Promise<Buffer | undefined> {
  if (message.byteLength < LEAST_PACKED_BYTES) {
    return undefined;
  }
  if (message.byteLength <= PACKED_AT_ONCE_BYTES) {
    return ifSmaller(gzipSync(message), message);
  }
  return new Promise((resolve) => {
    gzip(message, (error, packed) => resolve(error === null ? ifSmaller(packed, message) : undefined));
  });
}

function ifSmaller(packed: Buffer, message: Buffer): Buffer | undefined {
  return packed.byteLength < message.byteLength ? packed : undefined;
}
