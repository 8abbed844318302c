import type { JsonObject, JsonValue } from "@bufbuild/protobuf";
import { ListValueSchema, StructSchema, ValueSchema } from "@bufbuild/protobuf/wkt";
import { fallBack } from "./fall-back.js";
import { setEntry } from "./message-fields.js";
import type { MessageReader } from "./message-reader.js";
import type { MessageWriter } from "./message-writer.js";

// protobuf-es has a JSON object wherever a field is a google.protobuf.Struct, except in a google.protobuf.Value. These
// functions go between the JSON and the wire without messages in between.

/** Reads a google.protobuf.Struct as JSON. Unknown fields are lost, as JSON has no place for them. */
export function readJsonStruct(reader: MessageReader, end: number, json: JsonObject = {}): JsonObject {
  while (reader.position < end) {
    const tag = reader.tag();
    if (tag === 10) {
      readEntry(reader, json);
    } else if (reader.unknown(tag, end, {}, StructSchema)) {
      return json;
    }
  }
  reader.close(end);
  return json;
}

function readEntry(reader: MessageReader, json: JsonObject): void {
  const end = reader.openEntry();
  let key = "";
  let value: JsonValue | undefined;
  while (reader.position < end) {
    const tag = reader.tag();
    switch (tag) {
      case 10:
        key = reader.string();
        break;
      case 18:
        // A second value would be merged with the first.
        value = value === undefined ? readValue(reader, reader.open()) : fallBack();
        break;
      default:
        reader.unknownInEntry(tag);
    }
  }
  reader.closeEntry(end);
  setEntry(json, key, value ?? null);
}

function readValue(reader: MessageReader, end: number): JsonValue {
  let value: JsonValue = null;
  while (reader.position < end) {
    const tag = reader.tag();
    switch (tag) {
      case 8:
        reader.int32();
        value = null;
        break;
      case 17:
        value = reader.double();
        break;
      case 26:
        value = reader.string();
        break;
      case 32:
        value = reader.bool();
        break;
      case 42:
        value = readJsonStruct(reader, reader.open(), isObject(value) ? fallBack() : {});
        break;
      case 50:
        value = readList(reader, reader.open(), Array.isArray(value) ? fallBack() : []);
        break;
      default:
        if (reader.unknown(tag, end, {}, ValueSchema)) {
          return value;
        }
    }
  }
  reader.close(end);
  return value;
}

function readList(reader: MessageReader, end: number, values: JsonValue[]): JsonValue[] {
  while (reader.position < end) {
    const tag = reader.tag();
    if (tag === 10) {
      values.push(readValue(reader, reader.open()));
    } else if (reader.unknown(tag, end, {}, ListValueSchema)) {
      return values;
    }
  }
  reader.close(end);
  return values;
}

/** Writes JSON as a google.protobuf.Struct. What isn't JSON is written as a value of no kind. */
export function writeJsonStruct(writer: MessageWriter, json: JsonObject): void {
  if (isObject(json)) {
    writer.map(10, json, writeEntry);
  }
}

function writeEntry(writer: MessageWriter, key: string, value: JsonValue): void {
  writer.string(10, key);
  writer.message(18, writeValue, value);
}

function writeValue(writer: MessageWriter, value: JsonValue): void {
  switch (typeof value) {
    case "number":
      writer.double(17, value);
      break;
    case "string":
      writer.string(26, value);
      break;
    case "boolean":
      writer.bool(32, value);
      break;
    case "object":
      if (value === null) {
        writer.int32(8, 0);
      } else if (Array.isArray(value)) {
        writer.message(50, writeList, value);
      } else {
        writer.message(42, writeJsonStruct, value);
      }
  }
}

function writeList(writer: MessageWriter, values: readonly JsonValue[]): void {
  writer.messages(10, writeValue, values);
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
