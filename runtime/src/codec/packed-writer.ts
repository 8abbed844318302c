import { varintSize } from "./byte-writer.js";
import { fallBack } from "./fall-back.js";
import { ScalarWriter } from "./scalar-writer.js";

/** Writes packed lists: one tag and one length for all values. Nothing is written of an empty list. */
export class PackedWriter extends ScalarWriter {
  packedBool(tag: number, values: readonly boolean[] | undefined): void {
    if (this.beginPacked(tag, values, 1)) {
      for (const value of values) {
        this.putBool(value);
      }
    }
  }

  /** Writes a list of int32 or of enums. */
  packedInt32(tag: number, values: readonly number[] | undefined): void {
    const start = this.openPacked(tag, values);
    for (const value of values ?? []) {
      this.reserve(10);
      this.putInt32(value);
    }
    this.closePacked(start, values);
  }

  packedSint32(tag: number, values: readonly number[] | undefined): void {
    const start = this.openPacked(tag, values);
    for (const value of values ?? []) {
      this.reserve(10);
      this.putSint32(value);
    }
    this.closePacked(start, values);
  }

  packedUint32(tag: number, values: readonly number[] | undefined): void {
    const start = this.openPacked(tag, values);
    for (const value of values ?? []) {
      this.reserve(10);
      this.putUint32(value);
    }
    this.closePacked(start, values);
  }

  packedInt64(tag: number, values: readonly bigint[] | undefined): void {
    const start = this.openPacked(tag, values);
    for (const value of values ?? []) {
      this.reserve(10);
      this.putInt64(value);
    }
    this.closePacked(start, values);
  }

  packedSint64(tag: number, values: readonly bigint[] | undefined): void {
    const start = this.openPacked(tag, values);
    for (const value of values ?? []) {
      this.reserve(10);
      this.putSint64(value);
    }
    this.closePacked(start, values);
  }

  packedUint64(tag: number, values: readonly bigint[] | undefined): void {
    const start = this.openPacked(tag, values);
    for (const value of values ?? []) {
      this.reserve(10);
      this.putUint64(value);
    }
    this.closePacked(start, values);
  }

  packedFixed32(tag: number, values: readonly number[] | undefined): void {
    if (this.beginPacked(tag, values, 4)) {
      for (const value of values) {
        this.putFixed32(value);
      }
    }
  }

  packedSfixed32(tag: number, values: readonly number[] | undefined): void {
    if (this.beginPacked(tag, values, 4)) {
      for (const value of values) {
        this.putSfixed32(value);
      }
    }
  }

  packedFloat(tag: number, values: readonly number[] | undefined): void {
    if (this.beginPacked(tag, values, 4)) {
      for (const value of values) {
        this.putFloat(value);
      }
    }
  }

  packedFixed64(tag: number, values: readonly bigint[] | undefined): void {
    if (this.beginPacked(tag, values, 8)) {
      for (const value of values) {
        this.putFixed64(value);
      }
    }
  }

  packedSfixed64(tag: number, values: readonly bigint[] | undefined): void {
    if (this.beginPacked(tag, values, 8)) {
      for (const value of values) {
        this.putSfixed64(value);
      }
    }
  }

  packedDouble(tag: number, values: readonly number[] | undefined): void {
    if (this.beginPacked(tag, values, 8)) {
      for (const value of values) {
        this.putDouble(value);
      }
    }
  }

  /** Writes tag and length of values that all have a size, and reserves the memory for them. An empty list has neither. */
  private beginPacked<Value>(
    tag: number,
    values: readonly Value[] | undefined,
    size: number,
  ): values is readonly Value[] {
    if (isEmpty(values)) {
      return false;
    }
    const length = values.length * size;
    this.reserve(length + 10);
    this.putTag(tag);
    this.putVarint32(length);
    return true;
  }

  /** Writes the tag of varints, and keeps a place for their length. */
  private openPacked(tag: number, values: readonly unknown[] | undefined): number {
    if (isEmpty(values)) {
      return this.position;
    }
    this.reserve(10);
    this.putTag(tag);
    const start = this.position;
    this.position = start + varintSize(values.length);
    return start;
  }

  private closePacked(start: number, values: readonly unknown[] | undefined): void {
    if (this.position > start && values != null) {
      this.prefix(start, varintSize(values.length));
    }
  }
}

function isEmpty(values: readonly unknown[] | undefined): values is undefined {
  if (values == null) {
    return true;
  }
  // Only of an array is it certain that it has as many items as it says.
  if (!Array.isArray(values)) {
    fallBack();
  }
  return values.length === 0;
}
