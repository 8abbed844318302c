import { varintSize } from "./byte-writer.js";
import { fallBack } from "./fall-back.js";
import { ScalarWriter } from "./scalar-writer.js";

/** Writes packed lists: one tag and one length for all values. Nothing is written of an empty list. */
export class PackedWriter extends ScalarWriter {
  packedBool(tag: number, values: readonly boolean[] | undefined): void {
    if (isEmpty(values)) {
      return;
    }
    this.openFixed(tag, values.length, 1);
    for (const value of values) {
      this.putBool(value);
    }
  }

  /** Writes a list of int32 or of enums. */
  packedInt32(tag: number, values: readonly number[] | undefined): void {
    if (isEmpty(values)) {
      return;
    }
    const start = this.openVarints(tag, values.length);
    for (const value of values) {
      this.putInt32(value);
    }
    this.prefix(start, varintSize(values.length));
  }

  packedSint32(tag: number, values: readonly number[] | undefined): void {
    if (isEmpty(values)) {
      return;
    }
    const start = this.openVarints(tag, values.length);
    for (const value of values) {
      this.putSint32(value);
    }
    this.prefix(start, varintSize(values.length));
  }

  packedUint32(tag: number, values: readonly number[] | undefined): void {
    if (isEmpty(values)) {
      return;
    }
    const start = this.openVarints(tag, values.length);
    for (const value of values) {
      this.putUint32(value);
    }
    this.prefix(start, varintSize(values.length));
  }

  packedInt64(tag: number, values: readonly bigint[] | undefined): void {
    if (isEmpty(values)) {
      return;
    }
    const start = this.openVarints(tag, values.length);
    for (const value of values) {
      this.putInt64(value);
    }
    this.prefix(start, varintSize(values.length));
  }

  packedSint64(tag: number, values: readonly bigint[] | undefined): void {
    if (isEmpty(values)) {
      return;
    }
    const start = this.openVarints(tag, values.length);
    for (const value of values) {
      this.putSint64(value);
    }
    this.prefix(start, varintSize(values.length));
  }

  packedUint64(tag: number, values: readonly bigint[] | undefined): void {
    if (isEmpty(values)) {
      return;
    }
    const start = this.openVarints(tag, values.length);
    for (const value of values) {
      this.putUint64(value);
    }
    this.prefix(start, varintSize(values.length));
  }

  packedFixed32(tag: number, values: readonly number[] | undefined): void {
    if (isEmpty(values)) {
      return;
    }
    this.openFixed(tag, values.length, 4);
    for (const value of values) {
      this.putFixed32(value);
    }
  }

  packedSfixed32(tag: number, values: readonly number[] | undefined): void {
    if (isEmpty(values)) {
      return;
    }
    this.openFixed(tag, values.length, 4);
    for (const value of values) {
      this.putSfixed32(value);
    }
  }

  packedFloat(tag: number, values: readonly number[] | undefined): void {
    if (isEmpty(values)) {
      return;
    }
    this.openFixed(tag, values.length, 4);
    for (const value of values) {
      this.putFloat(value);
    }
  }

  packedFixed64(tag: number, values: readonly bigint[] | undefined): void {
    if (isEmpty(values)) {
      return;
    }
    this.openFixed(tag, values.length, 8);
    for (const value of values) {
      this.putFixed64(value);
    }
  }

  packedSfixed64(tag: number, values: readonly bigint[] | undefined): void {
    if (isEmpty(values)) {
      return;
    }
    this.openFixed(tag, values.length, 8);
    for (const value of values) {
      this.putSfixed64(value);
    }
  }

  packedDouble(tag: number, values: readonly number[] | undefined): void {
    if (isEmpty(values)) {
      return;
    }
    this.openFixed(tag, values.length, 8);
    for (const value of values) {
      this.putDouble(value);
    }
  }

  /** Writes tag and length of values that all have a size, and reserves the memory for them. */
  private openFixed(tag: number, count: number, size: number): void {
    const length = count * size;
    this.reserve(length + 10);
    this.putTag(tag);
    this.putVarint32(length);
  }

  /** Writes the tag of varints, reserves the memory for them, and keeps a place for their length. */
  private openVarints(tag: number, count: number): number {
    this.reserve(count * 10 + 10);
    this.putTag(tag);
    const start = this.position;
    // As long as if each value had one byte; if they turn out longer, they are moved.
    this.position = start + varintSize(count);
    return start;
  }
}

function isEmpty(values: readonly unknown[] | undefined): values is undefined {
  if (values == null) {
    return true;
  }
  // Memory is reserved for as many items as there are: only of an array is it certain that it has no more.
  if (!Array.isArray(values)) {
    fallBack();
  }
  return values.length === 0;
}
