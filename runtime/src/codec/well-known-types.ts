// Generated from @bufbuild/protobuf's well-known types: `npm run generate` makes it anew.
// biome-ignore-all format: one line per field and direction

import {
  type Any,
  AnySchema,
  type BoolValue,
  BoolValueSchema,
  type BytesValue,
  BytesValueSchema,
  type DoubleValue,
  DoubleValueSchema,
  type Duration,
  DurationSchema,
  type Empty,
  EmptySchema,
  type FieldMask,
  FieldMaskSchema,
  type FloatValue,
  FloatValueSchema,
  type Int32Value,
  Int32ValueSchema,
  type Int64Value,
  Int64ValueSchema,
  type ListValue,
  ListValueSchema,
  type NullValue,
  type StringValue,
  StringValueSchema,
  type Struct,
  StructSchema,
  type Timestamp,
  TimestampSchema,
  type UInt32Value,
  UInt32ValueSchema,
  type UInt64Value,
  UInt64ValueSchema,
  type Value,
  ValueSchema,
} from "@bufbuild/protobuf/wkt";
import {
  defineCodec,
  EMPTY_BYTES,
  type MessageCodec,
  type MessageReader,
  type MessageWriter,
  setEntry,
} from "./codec-support.js";

// Static encoders and decoders. A number that stands for a field is its tag: number << 3 | wire type.

// google.protobuf.Any
export const AnyCodec: MessageCodec<typeof AnySchema> = defineCodec(AnySchema, readAny, writeAny);
export function readAny(reader: MessageReader, end: number, message: Any = { $typeName: "google.protobuf.Any", typeUrl: "", value: EMPTY_BYTES }): Any {
  while (reader.position < end) {
    const tag = reader.tag();
    switch (tag) {
      case 10: message.typeUrl = reader.string(); break;
      case 18: message.value = reader.bytes(); break;
      default: if (reader.unknown(tag, end, message, AnySchema)) return message;
    }
  }
  reader.close(end);
  return message;
}
export function writeAny(writer: MessageWriter, message: Any): void {
  writer.check(message, "google.protobuf.Any");
  if ((message.typeUrl ?? "") !== "") writer.string(10, message.typeUrl);
  if (message.value != null && message.value.byteLength !== 0) writer.bytes(18, message.value);
  if (message.$unknown) writer.unknown(message);
}

// google.protobuf.Duration
export const DurationCodec: MessageCodec<typeof DurationSchema> = defineCodec(DurationSchema, readDuration, writeDuration);
export function readDuration(reader: MessageReader, end: number, message: Duration = { $typeName: "google.protobuf.Duration", seconds: 0n, nanos: 0 }): Duration {
  while (reader.position < end) {
    const tag = reader.tag();
    switch (tag) {
      case 8: message.seconds = reader.int64(); break;
      case 16: message.nanos = reader.int32(); break;
      default: if (reader.unknown(tag, end, message, DurationSchema)) return message;
    }
  }
  reader.close(end);
  return message;
}
export function writeDuration(writer: MessageWriter, message: Duration): void {
  writer.check(message, "google.protobuf.Duration");
  if ((message.seconds ?? 0n) !== 0n) writer.int64(8, message.seconds);
  if ((message.nanos ?? 0) !== 0) writer.int32(16, message.nanos);
  if (message.$unknown) writer.unknown(message);
}

// google.protobuf.Empty
export const EmptyCodec: MessageCodec<typeof EmptySchema> = defineCodec(EmptySchema, readEmpty, writeEmpty);
export function readEmpty(reader: MessageReader, end: number, message: Empty = { $typeName: "google.protobuf.Empty" }): Empty {
  while (reader.position < end) {
    const tag = reader.tag();
    if (reader.unknown(tag, end, message, EmptySchema)) return message;
  }
  reader.close(end);
  return message;
}
export function writeEmpty(writer: MessageWriter, message: Empty): void {
  writer.check(message, "google.protobuf.Empty");
  if (message.$unknown) writer.unknown(message);
}

// google.protobuf.FieldMask
export const FieldMaskCodec: MessageCodec<typeof FieldMaskSchema> = defineCodec(FieldMaskSchema, readFieldMask, writeFieldMask);
export function readFieldMask(reader: MessageReader, end: number, message: FieldMask = { $typeName: "google.protobuf.FieldMask", paths: [] }): FieldMask {
  while (reader.position < end) {
    const tag = reader.tag();
    switch (tag) {
      case 10: message.paths.push(reader.string()); break;
      default: if (reader.unknown(tag, end, message, FieldMaskSchema)) return message;
    }
  }
  reader.close(end);
  return message;
}
export function writeFieldMask(writer: MessageWriter, message: FieldMask): void {
  writer.check(message, "google.protobuf.FieldMask");
  for (const value of message.paths ?? []) writer.string(10, value);
  if (message.$unknown) writer.unknown(message);
}

// google.protobuf.Struct
export const StructCodec: MessageCodec<typeof StructSchema> = defineCodec(StructSchema, readStruct, writeStruct);
export function readStruct(reader: MessageReader, end: number, message: Struct = { $typeName: "google.protobuf.Struct", fields: {} }): Struct {
  while (reader.position < end) {
    const tag = reader.tag();
    switch (tag) {
      case 10: readStruct_fieldsEntry(reader, message.fields); break;
      default: if (reader.unknown(tag, end, message, StructSchema)) return message;
    }
  }
  reader.close(end);
  return message;
}
export function writeStruct(writer: MessageWriter, message: Struct): void {
  writer.check(message, "google.protobuf.Struct");
  writer.map(10, message.fields, writeStruct_fieldsEntry);
  if (message.$unknown) writer.unknown(message);
}
function readStruct_fieldsEntry(reader: MessageReader, record: Struct["fields"]): void {
  const end = reader.openEntry();
  let key = "";
  let value: Struct["fields"][string] | undefined;
  while (reader.position < end) {
    const tag = reader.tag();
    switch (tag) {
      case 10: key = reader.string(); break;
      case 18: value = readValue(reader, reader.open(), value); break;
      default: reader.unknownInEntry(tag);
    }
  }
  reader.closeEntry(end);
  setEntry(record, key, value ?? reader.empty(readValue));
}
function writeStruct_fieldsEntry(writer: MessageWriter, key: string, value: Struct["fields"][string]): void {
  writer.string(10, key); writer.message(18, writeValue, value);
}

// google.protobuf.Value
export const ValueCodec: MessageCodec<typeof ValueSchema> = defineCodec(ValueSchema, readValue, writeValue);
export function readValue(reader: MessageReader, end: number, message: Value = { $typeName: "google.protobuf.Value", kind: { case: undefined } }): Value {
  while (reader.position < end) {
    const tag = reader.tag();
    switch (tag) {
      case 8: message.kind = { case: "nullValue", value: reader.int32() as NullValue }; break;
      case 17: message.kind = { case: "numberValue", value: reader.double() }; break;
      case 26: message.kind = { case: "stringValue", value: reader.string() }; break;
      case 32: message.kind = { case: "boolValue", value: reader.bool() }; break;
      case 42: message.kind = { case: "structValue", value: readStruct(reader, reader.open(), message.kind.case === "structValue" ? message.kind.value : undefined) }; break;
      case 50: message.kind = { case: "listValue", value: readListValue(reader, reader.open(), message.kind.case === "listValue" ? message.kind.value : undefined) }; break;
      default: if (reader.unknown(tag, end, message, ValueSchema)) return message;
    }
  }
  reader.close(end);
  return message;
}
export function writeValue(writer: MessageWriter, message: Value): void {
  writer.check(message, "google.protobuf.Value");
  switch (message.kind?.case) {
    case "nullValue": writer.int32(8, message.kind.value); break;
    case "numberValue": writer.double(17, message.kind.value); break;
    case "stringValue": writer.string(26, message.kind.value); break;
    case "boolValue": writer.bool(32, message.kind.value); break;
    case "structValue": writer.message(42, writeStruct, message.kind.value); break;
    case "listValue": writer.message(50, writeListValue, message.kind.value); break;
  }
  if (message.$unknown) writer.unknown(message);
}

// google.protobuf.ListValue
export const ListValueCodec: MessageCodec<typeof ListValueSchema> = defineCodec(ListValueSchema, readListValue, writeListValue);
export function readListValue(reader: MessageReader, end: number, message: ListValue = { $typeName: "google.protobuf.ListValue", values: [] }): ListValue {
  while (reader.position < end) {
    const tag = reader.tag();
    switch (tag) {
      case 10: message.values.push(readValue(reader, reader.open())); break;
      default: if (reader.unknown(tag, end, message, ListValueSchema)) return message;
    }
  }
  reader.close(end);
  return message;
}
export function writeListValue(writer: MessageWriter, message: ListValue): void {
  writer.check(message, "google.protobuf.ListValue");
  writer.messages(10, writeValue, message.values);
  if (message.$unknown) writer.unknown(message);
}

// google.protobuf.Timestamp
export const TimestampCodec: MessageCodec<typeof TimestampSchema> = defineCodec(TimestampSchema, readTimestamp, writeTimestamp);
export function readTimestamp(reader: MessageReader, end: number, message: Timestamp = { $typeName: "google.protobuf.Timestamp", seconds: 0n, nanos: 0 }): Timestamp {
  while (reader.position < end) {
    const tag = reader.tag();
    switch (tag) {
      case 8: message.seconds = reader.int64(); break;
      case 16: message.nanos = reader.int32(); break;
      default: if (reader.unknown(tag, end, message, TimestampSchema)) return message;
    }
  }
  reader.close(end);
  return message;
}
export function writeTimestamp(writer: MessageWriter, message: Timestamp): void {
  writer.check(message, "google.protobuf.Timestamp");
  if ((message.seconds ?? 0n) !== 0n) writer.int64(8, message.seconds);
  if ((message.nanos ?? 0) !== 0) writer.int32(16, message.nanos);
  if (message.$unknown) writer.unknown(message);
}

// google.protobuf.DoubleValue
export const DoubleValueCodec: MessageCodec<typeof DoubleValueSchema> = defineCodec(DoubleValueSchema, readDoubleValue, writeDoubleValue);
export function readDoubleValue(reader: MessageReader, end: number, message: DoubleValue = { $typeName: "google.protobuf.DoubleValue", value: 0 }): DoubleValue {
  while (reader.position < end) {
    const tag = reader.tag();
    switch (tag) {
      case 9: message.value = reader.double(); break;
      default: if (reader.unknown(tag, end, message, DoubleValueSchema)) return message;
    }
  }
  reader.close(end);
  return message;
}
export function writeDoubleValue(writer: MessageWriter, message: DoubleValue): void {
  writer.check(message, "google.protobuf.DoubleValue");
  if (!Object.is(message.value ?? 0, 0)) writer.double(9, message.value);
  if (message.$unknown) writer.unknown(message);
}

// google.protobuf.FloatValue
export const FloatValueCodec: MessageCodec<typeof FloatValueSchema> = defineCodec(FloatValueSchema, readFloatValue, writeFloatValue);
export function readFloatValue(reader: MessageReader, end: number, message: FloatValue = { $typeName: "google.protobuf.FloatValue", value: 0 }): FloatValue {
  while (reader.position < end) {
    const tag = reader.tag();
    switch (tag) {
      case 13: message.value = reader.float(); break;
      default: if (reader.unknown(tag, end, message, FloatValueSchema)) return message;
    }
  }
  reader.close(end);
  return message;
}
export function writeFloatValue(writer: MessageWriter, message: FloatValue): void {
  writer.check(message, "google.protobuf.FloatValue");
  if (!Object.is(message.value ?? 0, 0)) writer.float(13, message.value);
  if (message.$unknown) writer.unknown(message);
}

// google.protobuf.Int64Value
export const Int64ValueCodec: MessageCodec<typeof Int64ValueSchema> = defineCodec(Int64ValueSchema, readInt64Value, writeInt64Value);
export function readInt64Value(reader: MessageReader, end: number, message: Int64Value = { $typeName: "google.protobuf.Int64Value", value: 0n }): Int64Value {
  while (reader.position < end) {
    const tag = reader.tag();
    switch (tag) {
      case 8: message.value = reader.int64(); break;
      default: if (reader.unknown(tag, end, message, Int64ValueSchema)) return message;
    }
  }
  reader.close(end);
  return message;
}
export function writeInt64Value(writer: MessageWriter, message: Int64Value): void {
  writer.check(message, "google.protobuf.Int64Value");
  if ((message.value ?? 0n) !== 0n) writer.int64(8, message.value);
  if (message.$unknown) writer.unknown(message);
}

// google.protobuf.UInt64Value
export const UInt64ValueCodec: MessageCodec<typeof UInt64ValueSchema> = defineCodec(UInt64ValueSchema, readUInt64Value, writeUInt64Value);
export function readUInt64Value(reader: MessageReader, end: number, message: UInt64Value = { $typeName: "google.protobuf.UInt64Value", value: 0n }): UInt64Value {
  while (reader.position < end) {
    const tag = reader.tag();
    switch (tag) {
      case 8: message.value = reader.uint64(); break;
      default: if (reader.unknown(tag, end, message, UInt64ValueSchema)) return message;
    }
  }
  reader.close(end);
  return message;
}
export function writeUInt64Value(writer: MessageWriter, message: UInt64Value): void {
  writer.check(message, "google.protobuf.UInt64Value");
  if ((message.value ?? 0n) !== 0n) writer.uint64(8, message.value);
  if (message.$unknown) writer.unknown(message);
}

// google.protobuf.Int32Value
export const Int32ValueCodec: MessageCodec<typeof Int32ValueSchema> = defineCodec(Int32ValueSchema, readInt32Value, writeInt32Value);
export function readInt32Value(reader: MessageReader, end: number, message: Int32Value = { $typeName: "google.protobuf.Int32Value", value: 0 }): Int32Value {
  while (reader.position < end) {
    const tag = reader.tag();
    switch (tag) {
      case 8: message.value = reader.int32(); break;
      default: if (reader.unknown(tag, end, message, Int32ValueSchema)) return message;
    }
  }
  reader.close(end);
  return message;
}
export function writeInt32Value(writer: MessageWriter, message: Int32Value): void {
  writer.check(message, "google.protobuf.Int32Value");
  if ((message.value ?? 0) !== 0) writer.int32(8, message.value);
  if (message.$unknown) writer.unknown(message);
}

// google.protobuf.UInt32Value
export const UInt32ValueCodec: MessageCodec<typeof UInt32ValueSchema> = defineCodec(UInt32ValueSchema, readUInt32Value, writeUInt32Value);
export function readUInt32Value(reader: MessageReader, end: number, message: UInt32Value = { $typeName: "google.protobuf.UInt32Value", value: 0 }): UInt32Value {
  while (reader.position < end) {
    const tag = reader.tag();
    switch (tag) {
      case 8: message.value = reader.uint32(); break;
      default: if (reader.unknown(tag, end, message, UInt32ValueSchema)) return message;
    }
  }
  reader.close(end);
  return message;
}
export function writeUInt32Value(writer: MessageWriter, message: UInt32Value): void {
  writer.check(message, "google.protobuf.UInt32Value");
  if ((message.value ?? 0) !== 0) writer.uint32(8, message.value);
  if (message.$unknown) writer.unknown(message);
}

// google.protobuf.BoolValue
export const BoolValueCodec: MessageCodec<typeof BoolValueSchema> = defineCodec(BoolValueSchema, readBoolValue, writeBoolValue);
export function readBoolValue(reader: MessageReader, end: number, message: BoolValue = { $typeName: "google.protobuf.BoolValue", value: false }): BoolValue {
  while (reader.position < end) {
    const tag = reader.tag();
    switch (tag) {
      case 8: message.value = reader.bool(); break;
      default: if (reader.unknown(tag, end, message, BoolValueSchema)) return message;
    }
  }
  reader.close(end);
  return message;
}
export function writeBoolValue(writer: MessageWriter, message: BoolValue): void {
  writer.check(message, "google.protobuf.BoolValue");
  if ((message.value ?? false) !== false) writer.bool(8, message.value);
  if (message.$unknown) writer.unknown(message);
}

// google.protobuf.StringValue
export const StringValueCodec: MessageCodec<typeof StringValueSchema> = defineCodec(StringValueSchema, readStringValue, writeStringValue);
export function readStringValue(reader: MessageReader, end: number, message: StringValue = { $typeName: "google.protobuf.StringValue", value: "" }): StringValue {
  while (reader.position < end) {
    const tag = reader.tag();
    switch (tag) {
      case 10: message.value = reader.string(); break;
      default: if (reader.unknown(tag, end, message, StringValueSchema)) return message;
    }
  }
  reader.close(end);
  return message;
}
export function writeStringValue(writer: MessageWriter, message: StringValue): void {
  writer.check(message, "google.protobuf.StringValue");
  if ((message.value ?? "") !== "") writer.string(10, message.value);
  if (message.$unknown) writer.unknown(message);
}

// google.protobuf.BytesValue
export const BytesValueCodec: MessageCodec<typeof BytesValueSchema> = defineCodec(BytesValueSchema, readBytesValue, writeBytesValue);
export function readBytesValue(reader: MessageReader, end: number, message: BytesValue = { $typeName: "google.protobuf.BytesValue", value: EMPTY_BYTES }): BytesValue {
  while (reader.position < end) {
    const tag = reader.tag();
    switch (tag) {
      case 10: message.value = reader.bytes(); break;
      default: if (reader.unknown(tag, end, message, BytesValueSchema)) return message;
    }
  }
  reader.close(end);
  return message;
}
export function writeBytesValue(writer: MessageWriter, message: BytesValue): void {
  writer.check(message, "google.protobuf.BytesValue");
  if (message.value != null && message.value.byteLength !== 0) writer.bytes(10, message.value);
  if (message.$unknown) writer.unknown(message);
}
