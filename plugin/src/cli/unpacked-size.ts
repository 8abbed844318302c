import { createReadStream } from "node:fs";
import { Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip, gunzipSync } from "node:zlib";
import { MAX_INPUT_BYTES, MAX_INPUT_TEXT, readRegularFile } from "../bounded-input.js";

const GZIP = [0x1f, 0x8b];
const ZSTD = [0x28, 0xb5, 0x2f, 0xfd];
const ZIP = [0x50, 0x4b];

/** Whether bytes are gzipped. */
export function isGzip(bytes: Uint8Array): boolean {
  return startsWith(bytes, GZIP);
}

/**
 * Unpacks gzip.
 *
 * @throws Error if it isn't gzip, or unpacks to more than the limit: at that point, not behind it
 */
export function gunzip(bytes: Uint8Array): Uint8Array {
  try {
    return gunzipSync(bytes, { maxOutputLength: MAX_INPUT_BYTES });
  } catch (error) {
    throw isTooLarge(error) ? new Error(`it unpacks to more than ${MAX_INPUT_TEXT}`, { cause: error }) : error;
  }
}

/**
 * Checks that a file which another program is to unpack doesn't unpack to more than the limit. One that isn't packed is
 * only measured.
 *
 * @throws Error with a sentence that goes behind the path
 */
export async function checkUnpackedSize(path: string): Promise<void> {
  const bytes = readRegularFile(path);
  if (isGzip(bytes)) {
    await countUnzipped(path);
  } else if (startsWith(bytes, ZSTD)) {
    // Not every Node that we support can look into it.
    throw new Error("it is packed with zstd, and what it unpacks to can't be told: unpack it first");
  } else if (startsWith(bytes, ZIP) && zippedSize(bytes) > MAX_INPUT_BYTES) {
    throw new Error(`it unpacks to more than ${MAX_INPUT_TEXT}`);
  }
}

async function countUnzipped(path: string): Promise<void> {
  let length = 0;
  const counter = new Writable({
    write(chunk: Buffer, _encoding, done) {
      length += chunk.length;
      done(length > MAX_INPUT_BYTES ? new Error(`it unpacks to more than ${MAX_INPUT_TEXT}`) : null);
    },
  });
  await pipeline(createReadStream(path), createGunzip(), counter);
}

// APPNOTE.TXT 4.3.12: what the central directory of a ZIP file says of each entry. Readers stop at that size.
const CENTRAL_HEADER = Buffer.from([0x50, 0x4b, 0x01, 0x02]);
const UNCOMPRESSED_SIZE = 24;

/** What the entries of a ZIP file unpack to, together. One too large for this format's 32 bits counts as the most they can say. */
function zippedSize(bytes: Buffer): number {
  let size = 0;
  for (
    let at = bytes.indexOf(CENTRAL_HEADER);
    at !== -1 && at + UNCOMPRESSED_SIZE + 4 <= bytes.length;
    at = bytes.indexOf(CENTRAL_HEADER, at + CENTRAL_HEADER.length)
  ) {
    size += bytes.readUInt32LE(at + UNCOMPRESSED_SIZE);
  }
  return size;
}

function startsWith(bytes: Uint8Array, magic: readonly number[]): boolean {
  return magic.every((byte, index) => bytes[index] === byte);
}

function isTooLarge(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ERR_BUFFER_TOO_LARGE";
}
