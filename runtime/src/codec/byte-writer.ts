import { fallBack } from "./fall-back.js";
import { writeUtf8 } from "./utf8.js";
import { storeVarint32, storeVarint64, varintSize } from "./varint.js";

/** Memory is allocated in slabs, and messages stand behind each other in them, as in Node's own pool of buffers. */
const SLAB_SIZE = 16 << 10;
/** Messages over this size don't stay in a slab: they would hold it, and others with it. */
const LARGEST_IN_SLAB = SLAB_SIZE >> 2;
/** Messages for which there isn't room in a slab go into one that is larger: it is allocations that cost, not copies. */
const LARGE_SLAB_SIZE = 512 << 10;
/** Messages over this size get memory of their own. */
const LARGEST_IN_LARGE_SLAB = LARGE_SLAB_SIZE >> 2;
/** Up to here, memory that a large message needed is kept for the next one. */
const KEPT_CAPACITY = 1 << 20;
/** Up to here, strings are encoded in JavaScript: a call of Node's encoder takes as long. */
const SHORT_TEXT = 18;
/** From here on, a string is measured before memory is reserved for it. Before, it may have three bytes per code unit. */
const LONG_TEXT = 1 << 12;

/** A growing buffer with a position in it. It is used for one message after the other. */
export class ByteWriter {
  protected buffer: Buffer = Buffer.allocUnsafeSlow(SLAB_SIZE);
  /** The same memory, for numbers of several bytes. */
  protected view: DataView = viewOf(this.buffer);
  protected position = 0;
  /** Where messages start out. */
  private slab = this.buffer;
  private slabView = this.view;
  /** Where large messages go. */
  private largeSlab: Buffer = Buffer.alloc(0);
  /** Where there is room in it. */
  private largeBase = LARGE_SLAB_SIZE;
  /** What the last message in it needed. */
  private largeSize = 0;
  /** Where a message goes for which there isn't room in any slab. */
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
    this.view = this.slabView;
    this.capacity = SLAB_SIZE;
    this.position = this.base;
    this.startedMessages++;
  }

  /** The message, in memory that isn't written to again. */
  take(): Buffer {
    const { buffer, base, position } = this;
    if (buffer !== this.slab || position - base > LARGEST_IN_SLAB) {
      return this.takeLarge();
    }
    this.base = position;
    if (position + LARGEST_IN_SLAB > SLAB_SIZE) {
      this.slab = Buffer.allocUnsafeSlow(SLAB_SIZE);
      this.slabView = viewOf(this.slab);
      this.base = 0;
    }
    return buffer.subarray(base, position);
  }

  private takeLarge(): Buffer {
    const { buffer, base, position } = this;
    if (position - base >= SLAB_SIZE && buffer.buffer === this.largeSlab.buffer) {
      this.largeBase = buffer.byteOffset + position;
      this.largeSize = position - base;
      return buffer.subarray(base, position);
    }
    const copy = Buffer.allocUnsafe(position - base);
    buffer.copy(copy, 0, base, position);
    return copy;
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
    const fits = required - this.base <= LARGEST_IN_LARGE_SLAB;
    const larger = fits ? this.largeSlabFor(required) : this.memoryFor(required);
    // To the same place: whoever left room for a length knows where that is.
    this.buffer.copy(larger, this.base, this.base, this.position);
    this.buffer = larger;
    this.view = viewOf(larger);
    this.capacity = larger.length;
  }

  /** What is left of the large slab, or a new one. It begins so that the message starts in it where it does now. */
  private largeSlabFor(required: number): Buffer {
    const { base } = this;
    let start = Math.max(base, this.largeBase);
    // One that is large as the last one would be moved when the slab is full.
    if (start + Math.max(required - base, this.largeSize) > LARGE_SLAB_SIZE) {
      this.largeSlab = Buffer.allocUnsafeSlow(LARGE_SLAB_SIZE);
      this.largeBase = 0;
      start = base;
    }
    return this.largeSlab.subarray(start - base);
  }

  private memoryFor(required: number): Buffer {
    if (this.spare.length >= required) {
      return this.spare;
    }
    let capacity = LARGE_SLAB_SIZE;
    while (capacity < required) {
      capacity *= 2;
    }
    const memory = Buffer.allocUnsafeSlow(capacity);
    if (capacity <= KEPT_CAPACITY) {
      this.spare = memory;
    }
    return memory;
  }

  /** Writes an unsigned varint of 32 bits. Five bytes must be reserved. */
  protected putVarint32(value: number): void {
    this.position = storeVarint32(this.buffer, this.position, value);
  }

  /** Writes a varint of 64 bits, given as two halves, signed or not. Ten bytes must be reserved. */
  protected putVarint64(low: number, high: number): void {
    this.position = storeVarint64(this.buffer, this.position, low, high);
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

function viewOf(buffer: Buffer): DataView {
  return new DataView(buffer.buffer, buffer.byteOffset, buffer.length);
}
