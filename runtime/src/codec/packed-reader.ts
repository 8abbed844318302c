import { fallBack } from "./fall-back.js";
import { ScalarReader } from "./scalar-reader.js";

/** Reads packed lists: appends the values to those that are there. */
export class PackedReader extends ScalarReader {
  packedBool(values: boolean[]): void {
    const end = this.length();
    while (this.position < end) {
      values.push(this.bool());
    }
    this.expectEnd(end);
  }

  /** Reads a list of int32 or of open enums. */
  packedInt32(values: number[]): void {
    const end = this.length();
    while (this.position < end) {
      values.push(this.int32());
    }
    this.expectEnd(end);
  }

  packedSint32(values: number[]): void {
    const end = this.length();
    while (this.position < end) {
      values.push(this.sint32());
    }
    this.expectEnd(end);
  }

  packedUint32(values: number[]): void {
    const end = this.length();
    while (this.position < end) {
      values.push(this.uint32());
    }
    this.expectEnd(end);
  }

  packedInt64(values: bigint[]): void {
    const end = this.length();
    while (this.position < end) {
      values.push(this.int64());
    }
    this.expectEnd(end);
  }

  packedSint64(values: bigint[]): void {
    const end = this.length();
    while (this.position < end) {
      values.push(this.sint64());
    }
    this.expectEnd(end);
  }

  packedUint64(values: bigint[]): void {
    const end = this.length();
    while (this.position < end) {
      values.push(this.uint64());
    }
    this.expectEnd(end);
  }

  packedFixed32(values: number[]): void {
    const view = this.fixedValues(4);
    for (let at = 0; at < view.byteLength; at += 4) {
      values.push(view.getUint32(at, true));
    }
  }

  packedSfixed32(values: number[]): void {
    const view = this.fixedValues(4);
    for (let at = 0; at < view.byteLength; at += 4) {
      values.push(view.getInt32(at, true));
    }
  }

  packedFloat(values: number[]): void {
    const view = this.fixedValues(4);
    for (let at = 0; at < view.byteLength; at += 4) {
      values.push(view.getFloat32(at, true));
    }
  }

  packedFixed64(values: bigint[]): void {
    const view = this.fixedValues(8);
    for (let at = 0; at < view.byteLength; at += 8) {
      values.push(view.getBigUint64(at, true));
    }
  }

  packedSfixed64(values: bigint[]): void {
    const view = this.fixedValues(8);
    for (let at = 0; at < view.byteLength; at += 8) {
      values.push(view.getBigInt64(at, true));
    }
  }

  packedDouble(values: number[]): void {
    const view = this.fixedValues(8);
    for (let at = 0; at < view.byteLength; at += 8) {
      values.push(view.getFloat64(at, true));
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

  /** Gives up if what has been read didn't end where its length said. */
  protected expectEnd(end: number): void {
    if (this.position !== end) {
      fallBack();
    }
  }
}
