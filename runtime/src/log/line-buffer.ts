import type { LineOutput } from "./json-logger.js";

/** Hands bytes to the system. @returns how many it took. @throws {Error} with the system's code, `EAGAIN` among others */
export type WriteBytes = (bytes: Uint8Array, from: number) => number;

/** What a {@link LineBuffer} may be told beside where lines go. */
export interface LineBufferOptions {
  /** How many characters are collected before they are written in the midst of a tick. Default: 64 KiB. */
  readonly batch?: number;
  /** How much is kept while the reader doesn't take anything, in characters. Lines beyond it are lost, and counted. Default: 8 MiB. */
  readonly most?: number;
  /** What tells how many lines were lost, when there is room for it. */
  readonly lostLine?: (count: number) => string;
}

// For a batch and one more line. A unit of UTF-16 takes at most three bytes in UTF-8.
const SCRATCH_BYTES = 256 * 1024;
const MOST_BYTES_EACH = 3;

const RETRY_MS = 20;
// At the end of a process, nobody waits longer for a reader that takes nothing.
const LAST_WAIT_MS = 1000;

/**
 * Collects lines, and writes them once a tick, in their order. What the reader of a pipe doesn't take is kept, up to a limit, and
 * tried again: nobody waits for it. What can't be written at all (the reader has gone, the disk is full) is lost.
 */
export class LineBuffer implements LineOutput {
  /** Lines that nobody has tried to write yet. */
  #lines = "";
  /** What was left of a write. */
  #rest: Uint8Array | undefined;
  #lost = 0;
  #midLine = false;
  #isScheduled = false;
  #isImmediate = false;
  #isClosed = false;
  /** What lines are encoded in, unless they are too many for it. Nothing is, before {@link #rest} has left. */
  readonly #scratch = Buffer.allocUnsafeSlow(SCRATCH_BYTES);
  readonly #write: WriteBytes;
  readonly #batch: number;
  readonly #most: number;
  readonly #lostLine: ((count: number) => string) | undefined;

  constructor(write: WriteBytes, { batch = 64 * 1024, most = 8 * 1024 * 1024, lostLine }: LineBufferOptions = {}) {
    this.#write = write;
    this.#batch = batch;
    this.#most = most;
    this.#lostLine = lostLine;
  }

  write(line: string): void {
    if (this.#isClosed) {
      return;
    }
    if (this.#lines.length + (this.#rest?.byteLength ?? 0) > this.#most) {
      this.#lost += 1;
      return;
    }
    this.#lines += line;
    if (this.#isImmediate || (this.#lines.length >= this.#batch && this.#rest === undefined)) {
      this.flush();
    } else if (!this.#isScheduled) {
      this.#isScheduled = true;
      setImmediate(() => this.#tick());
    }
  }

  /** From now on, each line is written at once; or no longer. */
  set immediate(isImmediate: boolean) {
    this.#isImmediate = isImmediate;
  }

  /** Writes what there is, as far as it is taken. */
  flush(): void {
    if (this.#rest !== undefined) {
      this.#rest = this.#tryWrite(this.#rest);
    }
    while (this.#rest === undefined && (this.#lines !== "" || this.#lost > 0) && !this.#isClosed) {
      const lines = (this.#midLine ? "\n" : "") + this.#lines + this.#lostText();
      this.#lines = "";
      this.#midLine = false;
      this.#rest = this.#tryWrite(this.#encoded(lines));
    }
  }

  /** Writes what there is, and waits a while for a reader that doesn't take it. */
  flushAll(): void {
    const waiting = new Int32Array(new SharedArrayBuffer(4));
    let until = performance.now() + LAST_WAIT_MS;
    this.flush();
    for (let left = this.#rest?.byteLength; left !== undefined && performance.now() < until; ) {
      Atomics.wait(waiting, 0, 0, RETRY_MS);
      this.flush();
      if (this.#rest?.byteLength !== left) {
        until = performance.now() + LAST_WAIT_MS;
      }
      left = this.#rest?.byteLength;
    }
  }

  #encoded(lines: string): Uint8Array {
    return lines.length * MOST_BYTES_EACH <= SCRATCH_BYTES
      ? this.#scratch.subarray(0, this.#scratch.write(lines))
      : Buffer.from(lines);
  }

  #tick(): void {
    this.flush();
    this.#isScheduled = this.#rest !== undefined;
    if (this.#isScheduled) {
      // What is left when the process ends is written then: no need to keep it alive.
      setTimeout(() => this.#tick(), RETRY_MS).unref();
    }
  }

  #lostText(): string {
    const text = this.#lost > 0 && this.#lostLine !== undefined ? this.#lostLine(this.#lost) : "";
    this.#lost = 0;
    return text;
  }

  /** @returns what is to be tried again */
  #tryWrite(bytes: Uint8Array): Uint8Array | undefined {
    let from = 0;
    try {
      while (from < bytes.byteLength) {
        from += this.#write(bytes, from);
      }
      return undefined;
    } catch (error) {
      const code = (error as NodeJS.ErrnoException | undefined)?.code;
      if (code === "EAGAIN") {
        return bytes.subarray(from);
      }
      // Without a reader, or without a file, there won't be one later.
      this.#isClosed = code === "EPIPE" || code === "EBADF";
      this.#midLine = from > 0 && bytes[from - 1] !== NEWLINE;
      return undefined;
    }
  }
}

const NEWLINE = 0x0a;
