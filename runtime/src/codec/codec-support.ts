// What generated codecs consist of, those of the well-known types among them.

export { readJsonStruct, writeJsonStruct } from "./json-struct.js";
export type { MessageCodec } from "./message-codec.js";
export {
  boolKey,
  EMPTY_BYTES,
  int32Key,
  int64Key,
  parseInt64,
  parseInt64s,
  prototypeOf,
  setEntry,
} from "./message-fields.js";
export type { MessageReader } from "./message-reader.js";
export type { MessageWriter } from "./message-writer.js";
export { defineCodec } from "./static-codec.js";
export {
  readWrappedBool,
  readWrappedBytes,
  readWrappedDouble,
  readWrappedFloat,
  readWrappedInt32,
  readWrappedInt64,
  readWrappedString,
  readWrappedUInt32,
  readWrappedUInt64,
  writeWrappedBool,
  writeWrappedBytes,
  writeWrappedDouble,
  writeWrappedFloat,
  writeWrappedInt32,
  writeWrappedInt64,
  writeWrappedString,
  writeWrappedUInt32,
  writeWrappedUInt64,
} from "./wrapped-value.js";
