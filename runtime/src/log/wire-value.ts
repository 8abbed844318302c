import { ScalarType } from "@bufbuild/protobuf";
import { type BinaryReader, WireType } from "@bufbuild/protobuf/wire";
import type { PayloadField } from "./payload-field.js";

/** Whether a wire type is one that a field's values have, or its packed list. */
export function fitsField(field: PayloadField, wireType: WireType): boolean {
  if (field.kind === "map") {
    return wireType === WireType.LengthDelimited;
  }
  return (
    wireType === valueWireType(field) ||
    (field.kind === "list" && wireType === WireType.LengthDelimited) ||
    (field.message !== undefined && wireType === WireType.StartGroup)
  );
}

/** The wire type of a field's values, or of those in its list or map. */
export function valueWireType({ scalar, enum: enumeration }: PayloadField): WireType {
  if (scalar !== undefined) {
    return scalarWireType(scalar);
  }
  return enumeration === undefined ? WireType.LengthDelimited : WireType.Varint;
}

/** The wire type of a scalar. */
export function scalarWireType(type: ScalarType): WireType {
  switch (type) {
    case ScalarType.STRING:
    case ScalarType.BYTES:
      return WireType.LengthDelimited;
    case ScalarType.DOUBLE:
    case ScalarType.FIXED64:
    case ScalarType.SFIXED64:
      return WireType.Bit64;
    case ScalarType.FLOAT:
    case ScalarType.FIXED32:
    case ScalarType.SFIXED32:
      return WireType.Bit32;
    default:
      return WireType.Varint;
  }
}

/** Reads a scalar that is neither `string` nor `bytes`. */
export function readNumber(reader: BinaryReader, type: ScalarType): number | bigint | string | boolean {
  switch (type) {
    case ScalarType.DOUBLE:
      return reader.double();
    case ScalarType.FLOAT:
      return reader.float();
    case ScalarType.INT64:
      return reader.int64();
    case ScalarType.UINT64:
      return reader.uint64();
    case ScalarType.INT32:
      return reader.int32();
    case ScalarType.FIXED64:
      return reader.fixed64();
    case ScalarType.FIXED32:
      return reader.fixed32();
    case ScalarType.BOOL:
      return reader.bool();
    case ScalarType.SFIXED32:
      return reader.sfixed32();
    case ScalarType.SFIXED64:
      return reader.sfixed64();
    case ScalarType.SINT32:
      return reader.sint32();
    case ScalarType.SINT64:
      return reader.sint64();
    default:
      return reader.uint32();
  }
}
