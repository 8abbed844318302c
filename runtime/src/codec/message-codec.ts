import {
  create,
  type DescMessage,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from "@bufbuild/protobuf";

/** How messages of one type are written to bytes and read from them. */
export interface MessageCodec<Desc extends DescMessage = DescMessage> {
  /** The type of the messages. */
  readonly schema: Desc;
  /**
   * Encodes a message, or what `create(schema, …)` would make one of. The bytes are the same that protobuf-es writes.
   *
   * @returns bytes of the caller's own. Their memory is part of a larger piece, as that of most Buffers: of 16 KiB for small
   *   messages, of 512 KiB from 16 KiB on. Copy what is kept for long.
   * @throws {Error} as protobuf-es does, if a field holds what it can't
   */
  encode(message: MessageInitShape<Desc>): Buffer;
  /**
   * The same into memory that the next call uses again: for whoever copies the bytes at once. grpc-js's server is one,
   * see {@link EncodedMessage}.
   *
   * @throws {Error} as protobuf-es does, if a field holds what it can't
   */
  encodeTransient(message: MessageInitShape<Desc>): EncodedMessage;
  /**
   * Decodes a message. The result is what protobuf-es's `fromBinary` gives: fields of type `bytes` and unknown fields are
   * views of `bytes`, as `Uint8Array`s even where `bytes` is a `Buffer`.
   *
   * @throws {Error} as protobuf-es does, if the bytes are no message of the type
   */
  decode(bytes: Uint8Array): MessageShape<Desc>;
}

/**
 * An encoded message that can't be kept: it is there until the next message is encoded, by whatever codec.
 *
 * It has what grpc-js's server reads of what `serialize` returns, and no more: the size, for the frame that it allocates,
 * and `copy` into that frame, both before `sendMessage` returns. So the message goes from the encoder into the frame
 * without a buffer of its own. grpc-js's client is another matter: it frames a message later, once for each attempt.
 */
export interface EncodedMessage {
  /** The size of the message, in bytes. */
  readonly byteLength: number;
  /**
   * Copies the message.
   *
   * @returns how many bytes were copied
   * @throws {Error} if another message has been encoded since
   */
  copy(target: Uint8Array, targetStart?: number): number;
}

/** The codec that needs no generated code: protobuf-es itself. */
export function reflectCodec<Desc extends DescMessage>(schema: Desc): MessageCodec<Desc> {
  const encode = (message: MessageInitShape<Desc>): Buffer => encodeByReflection(schema, message);
  return { schema, encode, encodeTransient: encode, decode: (bytes) => decodeByReflection(schema, bytes) };
}

/** What protobuf-es makes of a message. @throws {Error} if a field holds what it can't */
export function encodeByReflection<Desc extends DescMessage>(schema: Desc, message: MessageInitShape<Desc>): Buffer {
  const bytes = toBinary(schema, create(schema, message));
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** What protobuf-es makes of bytes. @throws {Error} if they are no message of the type */
export function decodeByReflection<Desc extends DescMessage>(schema: Desc, bytes: Uint8Array): MessageShape<Desc> {
  return fromBinary(schema, plainBytes(bytes));
}

// What is read from a Buffer is a Buffer too, and fields of type `bytes` shall be what their type says.
function plainBytes(bytes: Uint8Array): Uint8Array {
  return Buffer.isBuffer(bytes) ? new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength) : bytes;
}
