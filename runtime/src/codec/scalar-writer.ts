import { ByteWriter } from "./byte-writer.js";
import { fallBack } from "./fall-back.js";
import { asBigInt64, asBigUint64, asInt32 } from "./number-bytes.js";
import { storeVarint32, storeVarint64 } from "./varint.js";

const FLOAT32_MAX = 3.4028234663852886e38;
/** The most that a tag and a varint take. */
const TAG_AND_VARINT = 15;

/**
 * Writes single values, each behind its tag. All methods give up on values of the wrong type, and on numbers that the type
 * doesn't have: see {@link fallBack}.
 */
export class ScalarWriter extends ByteWriter {
  string(tag: number, value: string): void {
    if (typeof value !== "string") {
      fallBack();
    }
    this.putText(tag, value);
  }

  bytes(tag: number, value: Uint8Array): void {
    if (!(value instanceof Uint8Array)) {
      fallBack();
    }
    const { length } = value;
    this.reserve(length + 10);
    this.putTag(tag);
    this.putVarint32(length);
    this.buffer.set(value, this.position);
    this.position += length;
  }

  bool(tag: number, value: boolean): void {
    this.reserve(TAG_AND_VARINT);
    this.putTag(tag);
    this.putBool(value);
  }

  /** Writes an int32 or an enum. */
  int32(tag: number, value: number): void {
    this.reserve(TAG_AND_VARINT);
    this.putTag(tag);
    this.putInt32(value);
  }

  sint32(tag: number, value: number): void {
    this.reserve(TAG_AND_VARINT);
    this.putTag(tag);
    this.putSint32(value);
  }

  uint32(tag: number, value: number): void {
    this.reserve(TAG_AND_VARINT);
    this.putTag(tag);
    this.putUint32(value);
  }

  fixed32(tag: number, value: number): void {
    this.reserve(TAG_AND_VARINT);
    this.putTag(tag);
    this.putFixed32(value);
  }

  sfixed32(tag: number, value: number): void {
    this.reserve(TAG_AND_VARINT);
    this.putTag(tag);
    this.putSfixed32(value);
  }

  float(tag: number, value: number): void {
    this.reserve(TAG_AND_VARINT);
    this.putTag(tag);
    this.putFloat(value);
  }

  double(tag: number, value: number): void {
    this.reserve(TAG_AND_VARINT);
    this.putTag(tag);
    this.putDouble(value);
  }

  int64(tag: number, value: bigint): void {
    this.reserve(TAG_AND_VARINT);
    this.putTag(tag);
    this.putInt64(value);
  }

  sint64(tag: number, value: bigint): void {
    this.reserve(TAG_AND_VARINT);
    this.putTag(tag);
    this.putSint64(value);
  }

  uint64(tag: number, value: bigint): void {
    this.reserve(TAG_AND_VARINT);
    this.putTag(tag);
    this.putUint64(value);
  }

  fixed64(tag: number, value: bigint): void {
    this.reserve(TAG_AND_VARINT);
    this.putTag(tag);
    this.putFixed64(value);
  }

  sfixed64(tag: number, value: bigint): void {
    this.reserve(TAG_AND_VARINT);
    this.putTag(tag);
    this.putSfixed64(value);
  }

  protected putBool(value: boolean): void {
    if (typeof value !== "boolean") {
      fallBack();
    }
    this.buffer[this.position++] = value ? 1 : 0;
  }

  protected putInt32(value: number): void {
    this.position = storeInt32(this.buffer, this.position, value);
  }

  protected putSint32(value: number): void {
    this.position = storeSint32(this.buffer, this.position, value);
  }

  protected putUint32(value: number): void {
    this.position = storeUint32(this.buffer, this.position, value);
  }

  protected putFixed32(value: number): void {
    this.view.setUint32(this.position, asUint32(value), true);
    this.position += 4;
  }

  protected putSfixed32(value: number): void {
    this.view.setInt32(this.position, asSint32(value), true);
    this.position += 4;
  }

  protected putFloat(value: number): void {
    this.view.setFloat32(this.position, asFloat(value), true);
    this.position += 4;
  }

  protected putDouble(value: number): void {
    this.view.setFloat64(this.position, asDouble(value), true);
    this.position += 8;
  }

  protected putInt64(value: bigint): void {
    this.position = storeInt64(this.buffer, this.position, value);
  }

  protected putSint64(value: bigint): void {
    this.position = storeSint64(this.buffer, this.position, value);
  }

  protected putUint64(value: bigint): void {
    this.position = storeUint64(this.buffer, this.position, value);
  }

  protected putFixed64(value: bigint): void {
    shareUint64(value);
    this.putShared64();
  }

  protected putSfixed64(value: bigint): void {
    shareInt64(value);
    this.putShared64();
  }

  private putShared64(): void {
    const { view, position } = this;
    view.setInt32(position, asInt32[0] as number, true);
    view.setInt32(position + 4, asInt32[1] as number, true);
    this.position = position + 8;
  }
}

/** Stores a varint of up to ten bytes. @returns where it ends */
export function storeInt32(bytes: Uint8Array, at: number, value: number): number {
  return asSint32(value) >= 0 ? storeVarint32(bytes, at, value) : storeVarint64(bytes, at, value, -1);
}

/** Stores a varint of up to five bytes. @returns where it ends */
export function storeSint32(bytes: Uint8Array, at: number, value: number): number {
  asSint32(value);
  return storeVarint32(bytes, at, ((value << 1) ^ (value >> 31)) >>> 0);
}

/** Stores a varint of up to five bytes. @returns where it ends */
export function storeUint32(bytes: Uint8Array, at: number, value: number): number {
  return storeVarint32(bytes, at, asUint32(value));
}

/** Stores a varint of up to ten bytes. @returns where it ends */
export function storeInt64(bytes: Uint8Array, at: number, value: bigint): number {
  shareInt64(value);
  return storeVarint64(bytes, at, asInt32[0] as number, asInt32[1] as number);
}

/** Stores a varint of up to ten bytes. @returns where it ends */
export function storeSint64(bytes: Uint8Array, at: number, value: bigint): number {
  shareInt64(value);
  const low = asInt32[0] as number;
  const high = asInt32[1] as number;
  const sign = high >> 31;
  return storeVarint64(bytes, at, (low << 1) ^ sign, ((high << 1) | (low >>> 31)) ^ sign);
}

/** Stores a varint of up to ten bytes. @returns where it ends */
export function storeUint64(bytes: Uint8Array, at: number, value: bigint): number {
  shareUint64(value);
  return storeVarint64(bytes, at, asInt32[0] as number, asInt32[1] as number);
}

/** Gives up on what is no signed integer of 32 bits. */
function asSint32(value: number): number {
  return (value | 0) === value ? value : fallBack();
}

/** Gives up on what is no unsigned integer of 32 bits. */
function asUint32(value: number): number {
  return value >>> 0 === value ? value : fallBack();
}

/** Gives up on what is no number of 32 bits, precision aside. */
function asFloat(value: number): number {
  return typeof value === "number" && (Math.abs(value) <= FLOAT32_MAX || !Number.isFinite(value)) ? value : fallBack();
}

/** Gives up on what is no number. */
function asDouble(value: number): number {
  return typeof value === "number" ? value : fallBack();
}

// What is read again differs if the value doesn't fit. That takes a third of the time of BigInt.asIntN.

/** Leaves a signed integer of 64 bits in {@link asInt32}, and gives up on what is none. */
function shareInt64(value: bigint): void {
  if (typeof value !== "bigint") {
    fallBack();
  }
  asBigInt64[0] = value;
  if (asBigInt64[0] !== value) {
    fallBack();
  }
}

/** Leaves an unsigned integer of 64 bits in {@link asInt32}, and gives up on what is none. */
function shareUint64(value: bigint): void {
  if (typeof value !== "bigint") {
    fallBack();
  }
  asBigUint64[0] = value;
  if (asBigUint64[0] !== value) {
    fallBack();
  }
}
