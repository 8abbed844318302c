import type { DescMessage } from "@bufbuild/protobuf";
import {
  BoolValueSchema,
  BytesValueSchema,
  DoubleValueSchema,
  FloatValueSchema,
  Int32ValueSchema,
  Int64ValueSchema,
  StringValueSchema,
  UInt32ValueSchema,
  UInt64ValueSchema,
} from "@bufbuild/protobuf/wkt";
import { EMPTY_BYTES } from "./message-fields.js";
import type { MessageReader, ReadMessage } from "./message-reader.js";
import type { MessageWriter } from "./message-writer.js";

// protobuf-es unwraps google.protobuf.StringValue and its like in singular fields outside of oneofs: the field has the
// value itself. On the wire it remains a message with one field of implicit presence, whose number is 1.

function readWrapped<Value>(
  reader: MessageReader,
  end: number,
  current: Value,
  expected: number,
  schema: DescMessage,
  read: (reader: MessageReader) => Value,
): Value {
  let value = current;
  while (reader.position < end) {
    const tag = reader.tag();
    if (tag === expected) {
      value = read(reader);
    } else if (reader.unknown(tag, end, {}, schema)) {
      return value;
    }
  }
  reader.close(end);
  return value;
}

export const readWrappedDouble: ReadMessage<number> = (reader, end, current = 0) =>
  readWrapped(reader, end, current, 9, DoubleValueSchema, readDouble);
export const readWrappedFloat: ReadMessage<number> = (reader, end, current = 0) =>
  readWrapped(reader, end, current, 13, FloatValueSchema, readFloat);
export const readWrappedInt64: ReadMessage<bigint> = (reader, end, current = 0n) =>
  readWrapped(reader, end, current, 8, Int64ValueSchema, readInt64);
export const readWrappedUInt64: ReadMessage<bigint> = (reader, end, current = 0n) =>
  readWrapped(reader, end, current, 8, UInt64ValueSchema, readUint64);
export const readWrappedInt32: ReadMessage<number> = (reader, end, current = 0) =>
  readWrapped(reader, end, current, 8, Int32ValueSchema, readInt32);
export const readWrappedUInt32: ReadMessage<number> = (reader, end, current = 0) =>
  readWrapped(reader, end, current, 8, UInt32ValueSchema, readUint32);
export const readWrappedBool: ReadMessage<boolean> = (reader, end, current = false) =>
  readWrapped(reader, end, current, 8, BoolValueSchema, readBool);
export const readWrappedString: ReadMessage<string> = (reader, end, current = "") =>
  readWrapped(reader, end, current, 10, StringValueSchema, readString);
export const readWrappedBytes: ReadMessage<Uint8Array> = (reader, end, current = EMPTY_BYTES) =>
  readWrapped(reader, end, current, 10, BytesValueSchema, readBytes);

const readDouble = (reader: MessageReader) => reader.double();
const readFloat = (reader: MessageReader) => reader.float();
const readInt64 = (reader: MessageReader) => reader.int64();
const readUint64 = (reader: MessageReader) => reader.uint64();
const readInt32 = (reader: MessageReader) => reader.int32();
const readUint32 = (reader: MessageReader) => reader.uint32();
const readBool = (reader: MessageReader) => reader.bool();
const readString = (reader: MessageReader) => reader.string();
const readBytes = (reader: MessageReader) => reader.bytes();

export function writeWrappedDouble(writer: MessageWriter, value: number): void {
  if (!Object.is(value, 0)) {
    writer.double(9, value);
  }
}

export function writeWrappedFloat(writer: MessageWriter, value: number): void {
  if (!Object.is(value, 0)) {
    writer.float(13, value);
  }
}

export function writeWrappedInt64(writer: MessageWriter, value: bigint): void {
  if (value !== 0n) {
    writer.int64(8, value);
  }
}

export function writeWrappedUInt64(writer: MessageWriter, value: bigint): void {
  if (value !== 0n) {
    writer.uint64(8, value);
  }
}

export function writeWrappedInt32(writer: MessageWriter, value: number): void {
  if (value !== 0) {
    writer.int32(8, value);
  }
}

export function writeWrappedUInt32(writer: MessageWriter, value: number): void {
  if (value !== 0) {
    writer.uint32(8, value);
  }
}

export function writeWrappedBool(writer: MessageWriter, value: boolean): void {
  if (value !== false) {
    writer.bool(8, value);
  }
}

export function writeWrappedString(writer: MessageWriter, value: string): void {
  if (value !== "") {
    writer.string(10, value);
  }
}

export function writeWrappedBytes(writer: MessageWriter, value: Uint8Array): void {
  if (value.byteLength !== 0) {
    writer.bytes(10, value);
  }
}
