import { ByteWriter } from "./byte-writer.js";
import { fallBack } from "./fall-back.js";
import { asBigInt64, asBigUint64, asFloat32, asFloat64, asInt32, asUint8 } from "./number-bytes.js";

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
    if ((value | 0) !== value) {
      fallBack();
    }
    if (value >= 0) {
      this.putVarint32(value);
    } else {
      this.putVarint64(value, -1);
    }
  }

  protected putSint32(value: number): void {
    if ((value | 0) !== value) {
      fallBack();
    }
    this.putVarint32(((value << 1) ^ (value >> 31)) >>> 0);
  }

  protected putUint32(value: number): void {
    if (value >>> 0 !== value) {
      fallBack();
    }
    this.putVarint32(value);
  }

  protected putFixed32(value: number): void {
    if (value >>> 0 !== value) {
      fallBack();
    }
    asInt32[0] = value;
    this.putShared32();
  }

  protected putSfixed32(value: number): void {
    if ((value | 0) !== value) {
      fallBack();
    }
    asInt32[0] = value;
    this.putShared32();
  }

  protected putFloat(value: number): void {
    if (typeof value !== "number" || (Math.abs(value) > FLOAT32_MAX && Number.isFinite(value))) {
      fallBack();
    }
    asFloat32[0] = value;
    this.putShared32();
  }

  protected putDouble(value: number): void {
    if (typeof value !== "number") {
      fallBack();
    }
    asFloat64[0] = value;
    this.putShared64();
  }

  protected putInt64(value: bigint): void {
    setInt64(value);
    this.putSharedVarint64();
  }

  protected putSint64(value: bigint): void {
    setInt64(value);
    const low = asInt32[0] as number;
    const high = asInt32[1] as number;
    const sign = high >> 31;
    this.putVarint64((low << 1) ^ sign, ((high << 1) | (low >>> 31)) ^ sign);
  }

  protected putUint64(value: bigint): void {
    setUint64(value);
    this.putSharedVarint64();
  }

  protected putFixed64(value: bigint): void {
    setUint64(value);
    this.putShared64();
  }

  protected putSfixed64(value: bigint): void {
    setInt64(value);
    this.putShared64();
  }

  private putShared32(): void {
    const { buffer, position } = this;
    buffer[position] = asUint8[0] as number;
    buffer[position + 1] = asUint8[1] as number;
    buffer[position + 2] = asUint8[2] as number;
    buffer[position + 3] = asUint8[3] as number;
    this.position = position + 4;
  }

  private putShared64(): void {
    const { buffer, position } = this;
    buffer[position] = asUint8[0] as number;
    buffer[position + 1] = asUint8[1] as number;
    buffer[position + 2] = asUint8[2] as number;
    buffer[position + 3] = asUint8[3] as number;
    buffer[position + 4] = asUint8[4] as number;
    buffer[position + 5] = asUint8[5] as number;
    buffer[position + 6] = asUint8[6] as number;
    buffer[position + 7] = asUint8[7] as number;
    this.position = position + 8;
  }
}

function setInt64(value: bigint): void {
  if (typeof value !== "bigint" || BigInt.asIntN(64, value) !== value) {
    fallBack();
  }
  asBigInt64[0] = value;
}

function setUint64(value: bigint): void {
  if (typeof value !== "bigint" || BigInt.asUintN(64, value) !== value) {
    fallBack();
  }
  asBigUint64[0] = value;
}
