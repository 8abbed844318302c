import { closeSync, constants, fstatSync, openSync, readSync, type Stats, statSync } from "node:fs";

/** The most that is read of anything, or unpacked from it: the descriptors of all of Google's services are a fifth of it. */
export const MAX_INPUT_BYTES = 256 * 1024 * 1024;

/** A limit on input, as messages tell it. */
export const MAX_INPUT_TEXT = "256 MiB";

/**
 * Reads a file, and only a file: opening a FIFO waits for its writer, and a device has no end.
 *
 * @throws Error with a sentence that goes behind the path: what it is instead, or that it is too large; and what the file
 *   system says
 */
export function readRegularFile(path: string): Buffer {
  // Even to open a device can have an effect, so it isn't.
  refuseIrregular(statSync(path));
  // Without blocking: what the path leads to may have changed since.
  const file = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const stat = fstatSync(file);
    refuseIrregular(stat);
    return readAtMost(file, stat.size);
  } finally {
    closeSync(file);
  }
}

/**
 * Reads a stream to its end.
 *
 * @throws Error if there is more than the limit, with a sentence that goes behind what the stream is called
 */
export async function readStream(stream: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of stream) {
    length += chunk.length;
    if (length > MAX_INPUT_BYTES) {
      throw new Error(`it is larger than ${MAX_INPUT_TEXT}`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** What something is that is neither a file nor a folder; undefined for these. */
export function irregularKind(stat: Stats): string | undefined {
  if (stat.isFIFO()) {
    return "a named pipe";
  }
  if (stat.isSocket()) {
    return "a socket";
  }
  return stat.isCharacterDevice() || stat.isBlockDevice() ? "a device" : undefined;
}

function refuseIrregular(stat: Stats): void {
  const kind = stat.isDirectory() ? "a folder" : irregularKind(stat);
  if (kind !== undefined) {
    throw new Error(`it is ${kind}, and a file is expected`);
  }
}

/** Files in `/proc` say that they are empty, and others may grow: what counts is what is read. */
function readAtMost(file: number, expected: number): Buffer {
  const chunks: Buffer[] = [];
  let length = 0;
  for (let size = expected + 1; length <= MAX_INPUT_BYTES && expected <= MAX_INPUT_BYTES; size = 1 << 16) {
    const chunk = Buffer.allocUnsafe(size);
    const read = readSync(file, chunk, 0, size, null);
    if (read === 0) {
      return Buffer.concat(chunks, length);
    }
    chunks.push(chunk.subarray(0, read));
    length += read;
  }
  throw new Error(`it is larger than ${MAX_INPUT_TEXT}`);
}
