import { type CallFailure, refused } from "../../call/call-failure.js";
import { Status } from "../../wire/status.js";

/** What gRPC puts before each message: a flag, and the length. */
export const HEAD_BYTES = 5;

const EMPTY = Buffer.alloc(0);

// Five bytes may promise 4 MiB and never send them: memory is asked for as the message comes. The first piece holds a frame: that is
// all that a call has which has to wait for others. From a megabyte on, it is all of the message.
const PIECES_BYTES = [16 * 1024, 64 * 1024, 256 * 1024, 1024 * 1024] as const;
// Of larger ones the system gives what is written to.
const SMALL_PIECE_BYTES = 64 * 1024;

/**
 * Takes a stream of bytes apart into gRPC's messages, one at a time.
 *
 * What is beyond the limit, or flagged in a way that gRPC doesn't have, is refused from a message's five first bytes.
 */
export class MessageReader {
  /** Whether the message that was read last is compressed. */
  compressed = false;
  /** Why nothing more can be read. */
  fault: CallFailure | undefined;
  readonly #maxBytes: number;
  readonly #encoded: boolean;
  #chunk: Buffer | undefined;
  #at = 0;
  #head: Buffer | undefined;
  #headHas = 0;
  #length = -1;
  #message: Buffer | undefined;
  #isExpected = false;
  #has = 0;

  /**
   * @param maxBytes the most that a message may have, as it is on the wire
   * @param encoded whether the call names an encoding: without one, no message may be flagged as compressed
   */
  constructor(maxBytes: number, encoded: boolean) {
    this.#maxBytes = maxBytes;
    this.#encoded = encoded;
  }

  /** Whether there are bytes that weren't looked at. */
  get hasUnread(): boolean {
    return this.#chunk !== undefined;
  }

  /** Whether what has come ends within a message. */
  get isWithinMessage(): boolean {
    return this.#length >= 0 || this.#headHas > 0;
  }

  /** What a message takes that isn't whole yet. */
  get heldBytes(): number {
    const room = this.#message?.byteLength ?? 0;
    return room > SMALL_PIECE_BYTES ? this.#has : room;
  }

  /** How many bytes the message lacks that has begun. */
  get missingBytes(): number {
    return this.#length < 0 ? 0 : this.#length - this.#has;
  }

  /** Takes bytes. */
  push(chunk: Buffer): void {
    if (this.#chunk === undefined) {
      this.#chunk = chunk;
      this.#at = 0;
    } else {
      this.#chunk = Buffer.concat([this.#chunk.subarray(this.#at), chunk]);
      this.#at = 0;
    }
  }

  /** All of the message may come now: memory for it is asked for at once. */
  expectAll(): void {
    this.#isExpected = true;
  }

  /** Nobody reads on for now: what is left to be looked at must not keep all that came with it. */
  compact(): void {
    if (this.#chunk !== undefined) {
      this.#chunk = ownBytes(this.#chunk, this.#at, this.#chunk.byteLength);
      this.#at = 0;
    }
  }

  /** The next message; `undefined` if more bytes are needed, or at a {@link fault}. */
  read(): Buffer | undefined {
    if (this.fault !== undefined || (this.#length < 0 && !this.#readHead())) {
      return undefined;
    }
    return this.#readBody();
  }

  /** Whether the head is there, and says nothing that is refused. */
  #readHead(): boolean {
    const chunk = this.#chunk;
    if (chunk === undefined) {
      return false;
    }
    if (this.#headHas === 0 && chunk.byteLength - this.#at >= HEAD_BYTES) {
      this.#announced(chunk[this.#at] ?? 0, chunk.readUInt32BE(this.#at + 1));
      this.#advance(HEAD_BYTES);
      return this.fault === undefined;
    }
    this.#head ??= Buffer.alloc(HEAD_BYTES);
    const taken = chunk.copy(this.#head, this.#headHas, this.#at, this.#at + HEAD_BYTES - this.#headHas);
    this.#headHas += taken;
    this.#advance(taken);
    if (this.#headHas < HEAD_BYTES) {
      return false;
    }
    this.#headHas = 0;
    this.#announced(this.#head[0] ?? 0, this.#head.readUInt32BE(1));
    return this.fault === undefined;
  }

  #announced(flag: number, length: number): void {
    if (flag > 1) {
      this.fault = refused(Status.INTERNAL, `A message has the flag ${flag}`, "error");
    } else if (flag === 1 && !this.#encoded) {
      this.fault = refused(Status.INTERNAL, "A message is compressed, and the call has no encoding", "error");
    } else if (length > this.#maxBytes) {
      const text = `The request has ${length} bytes, and the limit is ${this.#maxBytes}`;
      this.fault = refused(Status.RESOURCE_EXHAUSTED, text, "error");
    } else {
      this.compressed = flag === 1;
      this.#length = length;
      this.#has = 0;
      this.#isExpected = false;
    }
  }

  #readBody(): Buffer | undefined {
    const length = this.#length;
    if (length === 0) {
      this.#length = -1;
      return EMPTY;
    }
    const chunk = this.#chunk;
    if (chunk === undefined) {
      return undefined;
    }
    const end = Math.min(chunk.byteLength, this.#at + length - this.#has);
    if (this.#has === 0 && end - this.#at === length) {
      const message = ownBytes(chunk, this.#at, end);
      this.#advance(length);
      this.#length = -1;
      return message;
    }
    const message = this.#pieceFor(end - this.#at);
    const taken = chunk.copy(message, this.#has, this.#at, end);
    this.#has += taken;
    this.#advance(taken);
    if (this.#has < length) {
      return undefined;
    }
    this.#length = -1;
    this.#message = undefined;
    return message.byteLength === length ? message : message.subarray(0, length);
  }

  /** What the message is collected in, with room for some bytes more. */
  #pieceFor(bytes: number): Buffer {
    const needed = this.#has + bytes;
    const piece = this.#message;
    if (piece !== undefined && piece.byteLength >= needed) {
      return piece;
    }
    const room = this.#isExpected ? this.#length : (PIECES_BYTES.find((bytes) => bytes >= needed) ?? this.#length);
    const larger = Buffer.allocUnsafe(Math.min(this.#length, room));
    piece?.copy(larger, 0, 0, this.#has);
    this.#message = larger;
    return larger;
  }

  #advance(bytes: number): void {
    this.#at += bytes;
    if (this.#chunk !== undefined && this.#at >= this.#chunk.byteLength) {
      this.#chunk = undefined;
    }
  }
}

// What Node gives is a view of all that came in one read from the socket. A message that somebody keeps must not keep all of it.
function ownBytes(chunk: Buffer, start: number, end: number): Buffer {
  const view = chunk.subarray(start, end);
  if (view.byteLength * 2 >= chunk.buffer.byteLength) {
    return view;
  }
  const copy = Buffer.allocUnsafe(view.byteLength);
  chunk.copy(copy, 0, start, end);
  return copy;
}
