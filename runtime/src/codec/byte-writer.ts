import { fallBack } from "./fall-back.js";
import { asInt32 } from "./number-bytes.js";
import { writeUtf8 } from "./utf8.js";

/** Memory is allocated in slabs, and messages stand behind each other in them, as in Node's own pool of buffers. */
const SLAB_SIZE = 16 << 10;
/** Messages over this size get memory of their own: they would hold a slab, and others with it. */
const LARGEST_IN_SLAB = SLAB_SIZE >> 2;
/** Up to here, memory that a large message needed is kept for the next one. */
const KEPT_CAPACITY = 1 << 20;
/** Up to here, strings are encoded in JavaScript: a call of Node's encoder takes as long. */
const SHORT_TEXT = 18;
/** From here on, a string is measured before memory is reserved for it. Before, it may have three bytes per code unit. */
const LONG_TEXT = 1 << 12;

/** A growing buffer with a position in it. It is used for one message after the other. */
export class ByteWriter {
  protected buffer: Buffer = Buffer.allocUnsafeSlow(SLAB_SIZE);
  protected position = 0;
  /** Where messages start out. */
  private slab = this.buffer;
  /** Where a message goes for which there isn't room in the slab. */
  private spare: Buffer = Buffer.alloc(0);
  private capacity = SLAB_SIZE;
  /** Where the message starts. What stands before belongs to others. */
  private base = 0;
  private startedMessages = 0;

  /** How many bytes the message has. */
  get length(): number {
    return this.position - this.base;
  }

  /** Counts the messages, so that what was written can be told from what came after it. */
  get serial(): number {
    return this.startedMessages;
  }

  /** Begins a message, in the place of the one before it unless that was taken. */
  start(): void {
    this.buffer = this.slab;
    this.capacity = SLAB_SIZE;
    this.position = this.base;
    this.startedMessages++;
  }

  /** The message, in memory that isn't written to again. */
  take(): Buffer {
    const { buffer, base, position } = this;
    if (buffer !== this.slab || position - base > LARGEST_IN_SLAB) {
      const copy = Buffer.allocUnsafe(position - base);
      buffer.copy(copy, 0, base, position);
      return copy;
    }
    this.base = position;
    if (position + LARGEST_IN_SLAB > SLAB_SIZE) {
      this.slab = Buffer.allocUnsafeSlow(SLAB_SIZE);
      this.base = 0;
    }
    return buffer.subarray(base, position);
  }

  /** Copies the message. */
  copyTo(target: Uint8Array, targetStart: number): number {
    return this.buffer.copy(target, targetStart, this.base, this.position);
  }

  /** Makes sure that `size` more bytes can be written. */
  protected reserve(size: number): void {
    if (this.position + size > this.capacity) {
      this.grow(this.position + size);
    }
  }

  private grow(required: number): void {
    let larger = this.spare;
    if (larger.length < required) {
      let capacity = this.capacity * 2;
      while (capacity < required) {
        capacity *= 2;
      }
      larger = Buffer.allocUnsafeSlow(capacity);
      if (capacity <= KEPT_CAPACITY) {
        this.spare = larger;
      }
    }
    // To the same place: whoever left room for a length knows where that is.
    this.buffer.copy(larger, this.base, this.base, this.position);
    this.buffer = larger;
    this.capacity = larger.length;
  }

  /** Writes an unsigned varint of 32 bits. Five bytes must be reserved. */
  protected putVarint32(value: number): void {
    const { buffer } = this;
    let at = this.position;
    let rest = value;
    while (rest > 0x7f) {
      buffer[at++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    buffer[at++] = rest;
    this.position = at;
  }

  /** Writes a varint of 64 bits, given as two halves, signed or not. Ten bytes must be reserved. */
  protected putVarint64(low: number, high: number): void {
    const { buffer } = this;
    let at = this.position;
    let lower = low;
    let upper = high;
    while (upper !== 0) {
      buffer[at++] = (lower & 0x7f) | 0x80;
      lower = (lower >>> 7) | (upper << 25);
      upper >>>= 7;
    }
    this.position = at;
    this.putVarint32(lower >>> 0);
  }

  /** Writes a varint of the 64 bits that stand in {@link asInt32}. Ten bytes must be reserved. */
  protected putSharedVarint64(): void {
    const low = asInt32[0] as number;
    const high = asInt32[1] as number;
    if (high === 0) {
      this.putVarint32(low >>> 0);
    } else {
      this.putVarint64(low, high);
    }
  }

  /** Writes a tag, which is a varint. Five bytes must be reserved. */
  protected putTag(tag: number): void {
    if (tag < 0x80) {
      this.buffer[this.position++] = tag;
    } else {
      this.putVarint32(tag);
    }
  }

  /** Writes a tag, a length and UTF-8. */
  protected putText(tag: number, text: string): void {
    const { length } = text;
    if (length > SHORT_TEXT) {
      this.putLongerText(tag, text);
      return;
    }
    this.reserve(SHORT_TEXT * 3 + 6);
    this.putTag(tag);
    const { buffer, position } = this;
    let at = position + 1;
    for (let index = 0; index < length; index++) {
      const code = text.charCodeAt(index);
      if (code > 0x7f) {
        this.putShortOther(text, index, at);
        return;
      }
      buffer[at++] = code;
    }
    buffer[position] = length;
    this.position = at;
  }

  /** Writes a short string, whose length takes one byte, from where it isn't ASCII any more. */
  private putShortOther(text: string, start: number, from: number): void {
    const { buffer, position } = this;
    let at = from;
    for (let index = start; index < text.length; index++) {
      const code = text.charCodeAt(index);
      if (code < 0x80) {
        buffer[at++] = code;
      } else if (code < 0x800) {
        buffer[at++] = (code >> 6) | 0xc0;
        buffer[at++] = (code & 0x3f) | 0x80;
      } else if ((code & 0xf800) !== 0xd800) {
        buffer[at++] = (code >> 12) | 0xe0;
        buffer[at++] = ((code >> 6) & 0x3f) | 0x80;
        buffer[at++] = (code & 0x3f) | 0x80;
      } else {
        // Surrogates come in pairs, or don't, which Node's encoder knows how to treat.
        this.putMediumText(text);
        return;
      }
    }
    buffer[position] = at - position - 1;
    this.position = at;
  }

  private putLongerText(tag: number, text: string): void {
    if (text.length > LONG_TEXT) {
      this.putLongText(tag, text);
      return;
    }
    this.reserve(text.length * 3 + 10);
    this.putTag(tag);
    this.putMediumText(text);
  }

  private putMediumText(text: string): void {
    const start = this.position;
    // Most text is ASCII: then its length is known, and what is written needn't be moved.
    const expected = varintSize(text.length);
    const size = writeUtf8(this.buffer, text, start + expected);
    this.position = start + expected + size;
    this.prefix(start, expected);
  }

  private putLongText(tag: number, text: string): void {
    const size = Buffer.byteLength(text);
    this.reserve(size + 16);
    this.putTag(tag);
    this.putVarint32(size);
    if (writeUtf8(this.buffer, text, this.position) !== size) {
      fallBack();
    }
    this.position += size;
  }

  /**
   * Writes the length of what follows its place, and moves what follows if the place isn't as large as was expected.
   *
   * @param start where the length belongs
   * @param expected the size of the place, in bytes
   * @returns the size that the length has
   */
  protected prefix(start: number, expected: number): number {
    const content = start + expected;
    const length = this.position - content;
    const size = varintSize(length);
    if (size !== expected) {
      this.reserve(4);
      this.buffer.copyWithin(start + size, content, content + length);
    }
    this.position = start;
    this.putVarint32(length);
    this.position += length;
    return size;
  }
}

/** How many bytes an unsigned varint of 32 bits has. */
export function varintSize(value: number): number {
  if (value < 0x80) {
    return 1;
  }
  if (value < 0x4000) {
    return 2;
  }
  if (value < 0x20_0000) {
    return 3;
  }
  return value < 0x1000_0000 ? 4 : 5;
}
