import { LONGEST_ASCII, readAscii } from "./ascii-text.js";
import { fallBack } from "./fall-back.js";
import { asBigInt64, asBigUint64, asFloat32, asFloat64, asInt32, asUint8 } from "./number-bytes.js";
import { LONGEST_OTHER, readOther } from "./short-text.js";
import { readUtf8 } from "./utf8.js";

// JavaScript has one NaN, floating-point numbers have many, and what else is in their bits survives or not as V8 happens to
// store them. So those that aren't the usual one are left to protobuf-es, whose way of storing them keeps their bits.

/** The bits of the usual NaN. */
export const NAN_FLOAT = 0x7fc0_0000;
/** The upper half of its bits; the lower one is zero. */
export const NAN_DOUBLE = 0x7ff8_0000;

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
    const size = end - position;
    if (size <= LONGEST_ASCII) {
      const text = readAscii(buffer, position, size);
      if (text !== undefined) {
        return text;
      }
    }
    // Text that doesn't begin with ASCII tends to have little of it.
    if (size <= LONGEST_OTHER && (buffer[position] as number) > 0x7f) {
      const text = readOther(buffer, position, end);
      if (text !== undefined) {
        return text;
      }
    }
    return readUtf8(buffer, position, end, valid);
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
    let byte = 0x80;
    for (let shift = 0; shift < 28 && byte >= 0x80; shift += 7) {
      if (at >= end) {
        fallBack();
      }
      byte = buffer[at++] as number;
      low |= (byte & 0x7f) << shift;
    }
    asInt32[0] = low;
    asInt32[1] = 0;
    this.position = at;
    if (byte >= 0x80) {
      this.shareLongVarint64(low);
    }
  }

  /** Reads what follows the first four bytes of a varint. */
  private shareLongVarint64(low: number): void {
    const { buffer, end } = this;
    let at = this.position;
    if (at >= end) {
      fallBack();
    }
    let byte = buffer[at++] as number;
    asInt32[0] = low | (byte << 28);
    let high = (byte & 0x7f) >>> 4;
    for (let shift = 3; byte >= 0x80; shift += 7) {
      // Ten bytes are the most.
      if (at >= end || shift > 31) {
        fallBack();
      }
      byte = buffer[at++] as number;
      high |= (byte & 0x7f) << shift;
    }
    asInt32[1] = high;
    this.position = at;
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
    const value = asFloat32[0] as number;
    return Number.isNaN(value) && asInt32[0] !== NAN_FLOAT ? fallBack() : value;
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
    const value = asFloat64[0] as number;
    return Number.isNaN(value) && !(asInt32[0] === 0 && asInt32[1] === NAN_DOUBLE) ? fallBack() : value;
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
