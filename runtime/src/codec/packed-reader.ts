import { fallBack } from "./fall-back.js";
import { NAN_DOUBLE, NAN_FLOAT, ScalarReader } from "./scalar-reader.js";

/** Lists that have fewer items aren't worth the look for how many there are. */
const LONG_LIST = 64;
/** Longer lists grow while they are read: of an array made 32 Mi items long at once, V8 makes a hash table. */
const LONGEST_EXTENSION = 1 << 20;

/** Reads packed lists: appends the values to those that are there. */
export class PackedReader extends ScalarReader {
  packedBool(values: boolean[]): void {
    const end = this.length();
    for (let index = this.extendByVarints(values, end); this.position < end; index++) {
      values[index] = this.bool();
    }
    this.expectEnd(end);
  }

  /** Reads a list of int32 or of open enums. */
  packedInt32(values: number[]): void {
    const end = this.length();
    for (let index = this.extendByVarints(values, end); this.position < end; index++) {
      values[index] = this.int32();
    }
    this.expectEnd(end);
  }

  packedSint32(values: number[]): void {
    const end = this.length();
    for (let index = this.extendByVarints(values, end); this.position < end; index++) {
      values[index] = this.sint32();
    }
    this.expectEnd(end);
  }

  packedUint32(values: number[]): void {
    const end = this.length();
    for (let index = this.extendByVarints(values, end); this.position < end; index++) {
      values[index] = this.uint32();
    }
    this.expectEnd(end);
  }

  packedInt64(values: bigint[]): void {
    const end = this.length();
    for (let index = this.extendByVarints(values, end); this.position < end; index++) {
      values[index] = this.int64();
    }
    this.expectEnd(end);
  }

  packedSint64(values: bigint[]): void {
    const end = this.length();
    for (let index = this.extendByVarints(values, end); this.position < end; index++) {
      values[index] = this.sint64();
    }
    this.expectEnd(end);
  }

  packedUint64(values: bigint[]): void {
    const end = this.length();
    for (let index = this.extendByVarints(values, end); this.position < end; index++) {
      values[index] = this.uint64();
    }
    this.expectEnd(end);
  }

  packedFixed32(values: number[]): void {
    const view = this.fixedValues(4);
    const size = view.byteLength;
    for (let at = 0, index = extend(values, size / 4); at < size; at += 4, index++) {
      values[index] = view.getUint32(at, true);
    }
  }

  packedSfixed32(values: number[]): void {
    const view = this.fixedValues(4);
    const size = view.byteLength;
    for (let at = 0, index = extend(values, size / 4); at < size; at += 4, index++) {
      values[index] = view.getInt32(at, true);
    }
  }

  packedFloat(values: number[]): void {
    const view = this.fixedValues(4);
    const size = view.byteLength;
    for (let at = 0, index = extend(values, size / 4); at < size; at += 4, index++) {
      const value = view.getFloat32(at, true);
      values[index] = Number.isNaN(value) && view.getInt32(at, true) !== NAN_FLOAT ? fallBack() : value;
    }
  }

  packedFixed64(values: bigint[]): void {
    const view = this.fixedValues(8);
    const size = view.byteLength;
    for (let at = 0, index = extend(values, size / 8); at < size; at += 8, index++) {
      values[index] = view.getBigUint64(at, true);
    }
  }

  packedSfixed64(values: bigint[]): void {
    const view = this.fixedValues(8);
    const size = view.byteLength;
    for (let at = 0, index = extend(values, size / 8); at < size; at += 8, index++) {
      values[index] = view.getBigInt64(at, true);
    }
  }

  packedDouble(values: number[]): void {
    const view = this.fixedValues(8);
    const size = view.byteLength;
    for (let at = 0, index = extend(values, size / 8); at < size; at += 8, index++) {
      const value = view.getFloat64(at, true);
      values[index] = Number.isNaN(value) && !isUsualNaN(view, at) ? fallBack() : value;
    }
  }

  /** Reads a list of 64-bit integers into strings. */
  packedAsString(values: string[], read: (this: this) => bigint): void {
    const end = this.length();
    while (this.position < end) {
      values.push(String(read.call(this)));
    }
    this.expectEnd(end);
  }

  /** A view of values that all have a size. */
  private fixedValues(size: number): DataView {
    const end = this.length();
    const { buffer, position } = this;
    const view = new DataView(buffer.buffer, buffer.byteOffset + position, end - position);
    if (view.byteLength % size !== 0) {
      fallBack();
    }
    this.position = end;
    return view;
  }

  /** Makes room for the varints that end here. @returns the index of the first one */
  private extendByVarints(values: unknown[], end: number): number {
    const { buffer, position } = this;
    if (end - position < LONG_LIST) {
      return values.length;
    }
    let count = 0;
    for (let at = position; at < end; at++) {
      if ((buffer[at] as number) < 0x80) {
        count++;
      }
    }
    return extend(values, count);
  }

  /** Gives up if what has been read didn't end where its length said. */
  protected expectEnd(end: number): void {
    if (this.position !== end) {
      fallBack();
    }
  }
}

function isUsualNaN(view: DataView, at: number): boolean {
  return view.getInt32(at, true) === 0 && view.getInt32(at + 4, true) === NAN_DOUBLE;
}

/** Makes room for items at once, rather than again and again while the list grows. @returns the index of the first one */
function extend(values: unknown[], count: number): number {
  const { length } = values;
  if (count >= LONG_LIST && count <= LONGEST_EXTENSION) {
    values.length = length + count;
  }
  return length;
}
