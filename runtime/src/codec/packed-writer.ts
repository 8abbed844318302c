import { fallBack } from "./fall-back.js";
import {
  ScalarWriter,
  storeInt32,
  storeInt64,
  storeSint32,
  storeSint64,
  storeUint32,
  storeUint64,
} from "./scalar-writer.js";
import { varintSize } from "./varint.js";

/**
 * Writes packed lists: one tag and one length for all values. Nothing is written of an empty list. As many values are written
 * as memory was reserved for, whatever getters do to the list meanwhile.
 */
export class PackedWriter extends ScalarWriter {
  packedBool(tag: number, values: readonly boolean[] | undefined): void {
    if (isEmpty(values)) {
      return;
    }
    const { length } = values;
    this.openFixed(tag, length, 1);
    for (let index = 0; index < length; index++) {
      this.putBool(values[index] as boolean);
    }
  }

  /** Writes a list of int32 or of enums. */
  packedInt32(tag: number, values: readonly number[] | undefined): void {
    if (isEmpty(values)) {
      return;
    }
    const { length } = values;
    const start = this.openVarints(tag, length);
    const { buffer } = this;
    let at = this.position;
    for (let index = 0; index < length; index++) {
      at = storeInt32(buffer, at, values[index] as number);
    }
    this.closeVarints(start, length, at);
  }

  packedSint32(tag: number, values: readonly number[] | undefined): void {
    if (isEmpty(values)) {
      return;
    }
    const { length } = values;
    const start = this.openVarints(tag, length);
    const { buffer } = this;
    let at = this.position;
    for (let index = 0; index < length; index++) {
      at = storeSint32(buffer, at, values[index] as number);
    }
    this.closeVarints(start, length, at);
  }

  packedUint32(tag: number, values: readonly number[] | undefined): void {
    if (isEmpty(values)) {
      return;
    }
    const { length } = values;
    const start = this.openVarints(tag, length);
    const { buffer } = this;
    let at = this.position;
    for (let index = 0; index < length; index++) {
      at = storeUint32(buffer, at, values[index] as number);
    }
    this.closeVarints(start, length, at);
  }

  packedInt64(tag: number, values: readonly bigint[] | undefined): void {
    if (isEmpty(values)) {
      return;
    }
    const { length } = values;
    const start = this.openVarints(tag, length);
    const { buffer } = this;
    let at = this.position;
    for (let index = 0; index < length; index++) {
      at = storeInt64(buffer, at, values[index] as bigint);
    }
    this.closeVarints(start, length, at);
  }

  packedSint64(tag: number, values: readonly bigint[] | undefined): void {
    if (isEmpty(values)) {
      return;
    }
    const { length } = values;
    const start = this.openVarints(tag, length);
    const { buffer } = this;
    let at = this.position;
    for (let index = 0; index < length; index++) {
      at = storeSint64(buffer, at, values[index] as bigint);
    }
    this.closeVarints(start, length, at);
  }

  packedUint64(tag: number, values: readonly bigint[] | undefined): void {
    if (isEmpty(values)) {
      return;
    }
    const { length } = values;
    const start = this.openVarints(tag, length);
    const { buffer } = this;
    let at = this.position;
    for (let index = 0; index < length; index++) {
      at = storeUint64(buffer, at, values[index] as bigint);
    }
    this.closeVarints(start, length, at);
  }

  packedFixed32(tag: number, values: readonly number[] | undefined): void {
    if (isEmpty(values)) {
      return;
    }
    const { length } = values;
    this.openFixed(tag, length, 4);
    for (let index = 0; index < length; index++) {
      this.putFixed32(values[index] as number);
    }
  }

  packedSfixed32(tag: number, values: readonly number[] | undefined): void {
    if (isEmpty(values)) {
      return;
    }
    const { length } = values;
    this.openFixed(tag, length, 4);
    for (let index = 0; index < length; index++) {
      this.putSfixed32(values[index] as number);
    }
  }

  packedFloat(tag: number, values: readonly number[] | undefined): void {
    if (isEmpty(values)) {
      return;
    }
    const { length } = values;
    this.openFixed(tag, length, 4);
    for (let index = 0; index < length; index++) {
      this.putFloat(values[index] as number);
    }
  }

  packedFixed64(tag: number, values: readonly bigint[] | undefined): void {
    if (isEmpty(values)) {
      return;
    }
    const { length } = values;
    this.openFixed(tag, length, 8);
    for (let index = 0; index < length; index++) {
      this.putFixed64(values[index] as bigint);
    }
  }

  packedSfixed64(tag: number, values: readonly bigint[] | undefined): void {
    if (isEmpty(values)) {
      return;
    }
    const { length } = values;
    this.openFixed(tag, length, 8);
    for (let index = 0; index < length; index++) {
      this.putSfixed64(values[index] as bigint);
    }
  }

  packedDouble(tag: number, values: readonly number[] | undefined): void {
    if (isEmpty(values)) {
      return;
    }
    const { length } = values;
    this.openFixed(tag, length, 8);
    for (let index = 0; index < length; index++) {
      this.putDouble(values[index] as number);
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

  /** Ends a list of varints. */
  private closeVarints(start: number, count: number, end: number): void {
    this.position = end;
    this.prefix(start, varintSize(count));
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
