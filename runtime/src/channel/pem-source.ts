import { closeSync, constants, fstatSync, openSync, readFileSync, type Stats } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { messageOf } from "../wire/thrown-message.js";

/** Something in PEM: the path of a file, which is read again from time to time, or the text or bytes themselves. */
export type Pem = string | URL | Uint8Array;

// A bundle of all public CAs has 220 kB. What is larger was given by mistake, and would be read every minute.
const MAX_BYTES = 4 * 1024 * 1024;

// Opening a FIFO waits for whoever writes to it, unless it is asked not to.
const READ_AT_ONCE = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

/**
 * Reads a source, now.
 *
 * @param what names it in messages: "private key"
 * @throws {Error} if it can't be read, isn't a file, or is too large. The message never quotes PEM
 */
export function readPemNow(what: string, source: Pem): Buffer {
  const path = requireSource(what, source);
  if (path === undefined) {
    return inlineBytes(what, source);
  }
  let file: number | undefined;
  try {
    file = openSync(path, READ_AT_ONCE);
    requireFile(fstatSync(file));
    return requireSize(readFileSync(file));
  } catch (error) {
    throw unreadable(what, path, error);
  } finally {
    if (file !== undefined) {
      closeSync(file);
    }
  }
}

/** As {@link readPemNow}, without keeping the process waiting. */
export async function readPem(what: string, source: Pem): Promise<Buffer> {
  const path = requireSource(what, source);
  if (path === undefined) {
    return inlineBytes(what, source);
  }
  let file: FileHandle | undefined;
  try {
    file = await open(path, READ_AT_ONCE);
    requireFile(await file.stat());
    return requireSize(await file.readFile());
  } catch (error) {
    throw unreadable(what, path, error);
  } finally {
    await file?.close();
  }
}

/** The path of a source that is a file, for messages; `undefined` for PEM itself. */
export function pathOf(source: Pem | undefined): string | undefined {
  return source === undefined || isInline(source) ? undefined : shownPath(source);
}

function requireSource(what: string, source: unknown): string | URL | undefined {
  if (source instanceof Uint8Array || source instanceof URL) {
    return source instanceof URL ? source : undefined;
  }
  if (typeof source !== "string" || source === "") {
    const kind = source === "" ? "an empty string" : source === null ? "null" : `a ${typeof source}`;
    throw new TypeError(`The ${what} must be the path of a file, or PEM itself; it is ${kind}`);
  }
  return isInline(source) ? undefined : source;
}

// No path has a line break, and PEM may have other text before its first block.
function isInline(source: Pem): source is string | Uint8Array {
  return source instanceof Uint8Array || (typeof source === "string" && /-----BEGIN|[\r\n]/.test(source));
}

function inlineBytes(what: string, source: Pem): Buffer {
  try {
    return requireSize(Buffer.from(source as string | Uint8Array));
  } catch (error) {
    throw new Error(`The ${what} can't be used: ${messageOf(error)}`);
  }
}

function requireFile(stats: Stats): void {
  if (!stats.isFile()) {
    throw new Error(`it is ${stats.isDirectory() ? "a directory" : "no file"}`);
  }
  requireBytes(stats.size);
}

function requireSize(bytes: Buffer): Buffer {
  requireBytes(bytes.byteLength);
  return bytes;
}

function requireBytes(count: number): void {
  if (count > MAX_BYTES) {
    throw new Error(`it has ${count} bytes, and the limit is ${MAX_BYTES}`);
  }
}

function unreadable(what: string, path: string | URL, cause: unknown): Error {
  const shown = shownPath(path);
  if (shown !== String(path)) {
    // A key without its first line, say: the system's own message would quote it.
    return new Error(`The ${what} can't be read: it is neither the path of a file nor PEM, but ${shown}`);
  }
  return new Error(`The ${what} can't be read from ${shown}: ${messageOf(cause)}`, { cause });
}

// Longer than any path that the systems take in one piece.
const LONGEST_SHOWN_PATH = 1024;

function shownPath(path: string | URL): string {
  const text = String(path);
  // DER in base64 begins so.
  const isKeyPerhaps = text.length > LONGEST_SHOWN_PATH || /^M[\w+/=]{63,}$/.test(text);
  return isKeyPerhaps ? `a text of ${text.length} characters` : text;
}
