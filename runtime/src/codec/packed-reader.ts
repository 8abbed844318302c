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
    const end = this.length();
    while (this.position < end) {
      values.push(this.fixed32());
    }
    this.expectEnd(end);
  }

  packedSfixed32(values: number[]): void {
    const end = this.length();
    while (this.position < end) {
      values.push(this.sfixed32());
    }
    this.expectEnd(end);
  }

  packedFloat(values: number[]): void {
    const end = this.length();
    while (this.position < end) {
      values.push(this.float());
    }
    this.expectEnd(end);
  }

  packedFixed64(values: bigint[]): void {
    const end = this.length();
    while (this.position < end) {
      values.push(this.fixed64());
    }
    this.expectEnd(end);
  }

  packedSfixed64(values: bigint[]): void {
    const end = this.length();
    while (this.position < end) {
      values.push(this.sfixed64());
    }
    this.expectEnd(end);
  }

  packedDouble(values: number[]): void {
    const end = this.length();
    while (this.position < end) {
      values.push(this.double());
    }
    this.expectEnd(end);
  }

  /** Reads a list of 64-bit integers into strings. */
  packedAsString(values: string[], read: (this: this) => bigint): void {
    const end = this.length();
    while (this.position < end) {
      values.push(String(read.call(this)));
    }
    this.expectEnd(end);
  }

  /** Gives up if what has been read didn't end where its length said. */
  protected expectEnd(end: number): void {
    if (this.position !== end) {
      fallBack();
    }
  }
}
