import { fallBack } from "./fall-back.js";
import { asBigInt64, asBigUint64, asFloat32, asFloat64, asInt32, asUint8 } from "./number-bytes.js";
import { readUtf8 } from "./utf8.js";

/** Up to here, strings are decoded in JavaScript: a call of Node's decoder takes as long. */
const SHORT_TEXT = 12;

/**
 * Reads single values, without their tags. All methods give up where bytes are missing or can't be what they are taken
 * for: see {@link fallBack}. None of them reads beyond the bytes.
 */
export class ScalarReader {
  /** Where the next value starts. */
  position = 0;
  /** Where the bytes end. */
  readonly end: number;
  protected readonly buffer: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.buffer = bytes;
    this.end = bytes.length;
  }

  /** Reads a field's number and wire type. */
  tag(): number {
    const { position } = this;
    if (position >= this.end) {
      fallBack();
    }
    const first = this.buffer[position] as number;
    if (first < 0x80) {
      this.position = position + 1;
      return first;
    }
    const tag = this.uint32();
    const size = this.position - position;
    // A tag must fit into 32 bits, unlike other varints.
    if (size > 5 || (size === 5 && (this.buffer[this.position - 1] as number) > 0x0f)) {
      fallBack();
    }
    return tag;
  }

  /** Reads a length. @returns where that many bytes end */
  length(): number {
    const length = this.uint32();
    const end = this.position + length;
    if (end > this.end) {
      fallBack();
    }
    return end;
  }

  /** Reads a string whose bytes must be UTF-8. */
  string(): string {
    return this.text(true);
  }

  /** Reads a string whose bytes may be anything: what isn't UTF-8 becomes U+FFFD. */
  uncheckedString(): string {
    return this.text(false);
  }

  private text(valid: boolean): string {
    const end = this.length();
    const { buffer, position } = this;
    this.position = end;
    if (end - position > SHORT_TEXT) {
      return readUtf8(buffer, position, end, valid);
    }
    let text = "";
    let at = position;
    for (; at + 4 <= end; at += 4) {
      const a = buffer[at] as number;
      const b = buffer[at + 1] as number;
      const c = buffer[at + 2] as number;
      const d = buffer[at + 3] as number;
      if ((a | b | c | d) > 0x7f) {
        return readUtf8(buffer, position, end, valid);
      }
      text += String.fromCharCode(a, b, c, d);
    }
    for (; at < end; at++) {
      const code = buffer[at] as number;
      if (code > 0x7f) {
        return readUtf8(buffer, position, end, valid);
      }
      text += String.fromCharCode(code);
    }
    return text;
  }

  /** Reads bytes: a view of those that are read. */
  bytes(): Uint8Array {
    const end = this.length();
    const start = this.position;
    this.position = end;
    return this.view(start, end);
  }

  /** A `Uint8Array`, even of a Buffer: that is what the type of the field says. */
  protected view(start: number, end: number): Uint8Array {
    const { buffer } = this;
    return new Uint8Array(buffer.buffer, buffer.byteOffset + start, end - start);
  }

  bool(): boolean {
    const { position } = this;
    if (position < this.end) {
      const first = this.buffer[position] as number;
      if (first < 0x80) {
        this.position = position + 1;
        return first !== 0;
      }
    }
    this.shareVarint64();
    return asInt32[0] !== 0 || asInt32[1] !== 0;
  }

  uint32(): number {
    const { position } = this;
    if (position >= this.end) {
      fallBack();
    }
    const first = this.buffer[position] as number;
    if (first < 0x80) {
      this.position = position + 1;
      return first;
    }
    return this.longUint32(first & 0x7f, position + 1);
  }

  private longUint32(first: number, second: number): number {
    const { buffer, end } = this;
    let value = first;
    let at = second;
    // A varint has up to ten bytes, of which those beyond 32 bits don't count here. Of the fifth byte, four bits do.
    for (let shift = 7; shift < 70; shift += 7) {
      if (at >= end) {
        fallBack();
      }
      const byte = buffer[at++] as number;
      if (shift < 32) {
        value |= (byte & 0x7f) << shift;
      }
      if (byte < 0x80) {
        this.position = at;
        return value >>> 0;
      }
    }
    return fallBack();
  }

  /** Reads an int32 or an open enum. */
  int32(): number {
    return this.uint32() | 0;
  }

  sint32(): number {
    const value = this.uint32();
    return (value >>> 1) ^ -(value & 1);
  }

  int64(): bigint {
    this.shareVarint64();
    return asBigInt64[0] as bigint;
  }

  uint64(): bigint {
    this.shareVarint64();
    return asBigUint64[0] as bigint;
  }

  sint64(): bigint {
    this.shareVarint64();
    const low = asInt32[0] as number;
    const high = asInt32[1] as number;
    const sign = -(low & 1);
    asInt32[0] = ((low >>> 1) | (high << 31)) ^ sign;
    asInt32[1] = (high >>> 1) ^ sign;
    return asBigInt64[0] as bigint;
  }

  /** Reads a varint of 64 bits into {@link asInt32}. */
  private shareVarint64(): void {
    const { buffer, end } = this;
    let at = this.position;
    let low = 0;
    let high = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      if (at >= end) {
        fallBack();
      }
      const byte = buffer[at++] as number;
      const bits = byte & 0x7f;
      if (shift < 28) {
        low |= bits << shift;
      } else if (shift === 28) {
        low |= bits << 28;
        high = bits >>> 4;
      } else {
        high |= bits << (shift - 32);
      }
      if (byte < 0x80) {
        this.position = at;
        asInt32[0] = low;
        asInt32[1] = high;
        return;
      }
    }
    fallBack();
  }

  fixed32(): number {
    this.share32();
    return (asInt32[0] as number) >>> 0;
  }

  sfixed32(): number {
    this.share32();
    return asInt32[0] as number;
  }

  float(): number {
    this.share32();
    return asFloat32[0] as number;
  }

  fixed64(): bigint {
    this.share64();
    return asBigUint64[0] as bigint;
  }

  sfixed64(): bigint {
    this.share64();
    return asBigInt64[0] as bigint;
  }

  double(): number {
    this.share64();
    return asFloat64[0] as number;
  }

  private share32(): void {
    const { buffer, position } = this;
    if (position + 4 > this.end) {
      fallBack();
    }
    asUint8[0] = buffer[position] as number;
    asUint8[1] = buffer[position + 1] as number;
    asUint8[2] = buffer[position + 2] as number;
    asUint8[3] = buffer[position + 3] as number;
    this.position = position + 4;
  }

  private share64(): void {
    const { buffer, position } = this;
    if (position + 8 > this.end) {
      fallBack();
    }
    asUint8[0] = buffer[position] as number;
    asUint8[1] = buffer[position + 1] as number;
    asUint8[2] = buffer[position + 2] as number;
    asUint8[3] = buffer[position + 3] as number;
    asUint8[4] = buffer[position + 4] as number;
    asUint8[5] = buffer[position + 5] as number;
    asUint8[6] = buffer[position + 6] as number;
    asUint8[7] = buffer[position + 7] as number;
    this.position = position + 8;
  }
}
