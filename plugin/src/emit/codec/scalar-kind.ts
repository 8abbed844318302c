import { ScalarType } from "@bufbuild/protobuf";

/** How values of a scalar type are read, written and left out. */
export interface ScalarKind {
  /** The method of reader and writer: `int32`. */
  readonly method: string;
  /** The method for packed lists, where there can be any. */
  readonly packed: string | undefined;
  readonly wireType: 0 | 1 | 2 | 5;
  /** The zero value, as code. */
  readonly zero: string;
}

const number = "0";
const bigint = "0n";

const KINDS: Readonly<Record<ScalarType, ScalarKind>> = {
  [ScalarType.DOUBLE]: { method: "double", packed: "packedDouble", wireType: 1, zero: number },
  [ScalarType.FLOAT]: { method: "float", packed: "packedFloat", wireType: 5, zero: number },
  [ScalarType.INT64]: { method: "int64", packed: "packedInt64", wireType: 0, zero: bigint },
  [ScalarType.UINT64]: { method: "uint64", packed: "packedUint64", wireType: 0, zero: bigint },
  [ScalarType.INT32]: { method: "int32", packed: "packedInt32", wireType: 0, zero: number },
  [ScalarType.FIXED64]: { method: "fixed64", packed: "packedFixed64", wireType: 1, zero: bigint },
  [ScalarType.FIXED32]: { method: "fixed32", packed: "packedFixed32", wireType: 5, zero: number },
  [ScalarType.BOOL]: { method: "bool", packed: "packedBool", wireType: 0, zero: "false" },
  [ScalarType.STRING]: { method: "string", packed: undefined, wireType: 2, zero: '""' },
  [ScalarType.BYTES]: { method: "bytes", packed: undefined, wireType: 2, zero: "EMPTY_BYTES" },
  [ScalarType.UINT32]: { method: "uint32", packed: "packedUint32", wireType: 0, zero: number },
  [ScalarType.SFIXED32]: { method: "sfixed32", packed: "packedSfixed32", wireType: 5, zero: number },
  [ScalarType.SFIXED64]: { method: "sfixed64", packed: "packedSfixed64", wireType: 1, zero: bigint },
  [ScalarType.SINT32]: { method: "sint32", packed: "packedSint32", wireType: 0, zero: number },
  [ScalarType.SINT64]: { method: "sint64", packed: "packedSint64", wireType: 0, zero: bigint },
};

/** How values of a scalar type are read, written and left out. An enum is an int32. */
export function scalarKind(type: ScalarType): ScalarKind {
  return KINDS[type];
}

/** A field's number and wire type, as they stand before its value. */
export function tagOf(number: number, wireType: number): number {
  return ((number << 3) | wireType) >>> 0;
}
