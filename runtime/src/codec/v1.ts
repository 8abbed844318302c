/**
 * What generated codecs import, and nothing else: an interface of its own, so that it and `codegen/v1` change apart.
 */

export { type CodecInterface, requireCodecs } from "../contract/handshake.js";
export type { ByteWriter } from "./byte-writer.js";
export * from "./codec-support.js";
export type { EncodedMessage } from "./message-codec.js";
export type { Extensible, ReadMessage } from "./message-reader.js";
export type { MapRecord, WriteEntry, WriteMessage } from "./message-writer.js";
export type { PackedReader } from "./packed-reader.js";
export type { PackedWriter } from "./packed-writer.js";
export type { ScalarReader } from "./scalar-reader.js";
export type { ScalarWriter } from "./scalar-writer.js";
export * from "./well-known-types.js";
