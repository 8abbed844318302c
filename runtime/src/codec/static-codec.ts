import { type DescMessage, type MessageShape, protoInt64 } from "@bufbuild/protobuf";
import {
  decodeByReflection,
  type EncodedMessage,
  encodeByReflection,
  type MessageCodec,
  reflectCodec,
} from "./message-codec.js";
import { MessageReader, type ReadMessage } from "./message-reader.js";
import { MessageWriter, type WriteMessage } from "./message-writer.js";
import { LITTLE_ENDIAN } from "./number-bytes.js";

/**
 * Makes a codec of the functions that were generated for a message type.
 *
 * They handle what is well-formed, and give up on the rest, which then goes through protobuf-es: what it accepts is
 * accepted, and what it rejects is rejected with its errors.
 *
 * @param read must make of bytes what `fromBinary` makes of them
 * @param write must make of a message, or of an init shape, what `toBinary` and `create` make of it
 */
export function defineCodec<Desc extends DescMessage>(
  schema: Desc,
  read: ReadMessage<MessageShape<Desc>>,
  write: WriteMessage<MessageShape<Desc>>,
): MessageCodec<Desc> {
  // Where protobuf-es has no bigint, generated code can't have any either.
  return LITTLE_ENDIAN && protoInt64.supported ? staticCodec(schema, read, write) : reflectCodec(schema);
}

/** Its functions can be passed on without the codec: grpc-js takes them one by one. */
function staticCodec<Desc extends DescMessage>(
  schema: Desc,
  read: ReadMessage<MessageShape<Desc>>,
  write: WriteMessage<MessageShape<Desc>>,
): MessageCodec<Desc> {
  return {
    schema,
    encode(message) {
      const writer = attempt(write, message as MessageShape<Desc>);
      return writer === undefined ? encodeByReflection(schema, message) : writer.take();
    },
    encodeTransient(message) {
      const writer = attempt(write, message as MessageShape<Desc>);
      return writer === undefined ? encodeByReflection(schema, message) : new TransientMessage(writer);
    },
    decode(bytes) {
      try {
        return read(new MessageReader(bytes), bytes.length);
      } catch {
        return decodeByReflection(schema, bytes);
      }
    },
  };
}

/** The writer that nobody uses. Getters of a message could encode another one while it is written, so it is taken away. */
let idle: MessageWriter | undefined;

/** Writes a message, if generated code can. */
function attempt<Value>(write: WriteMessage<Value>, message: Value): MessageWriter | undefined {
  const writer = idle ?? new MessageWriter();
  idle = undefined;
  writer.start();
  try {
    write(writer, message);
    return writer;
  } catch {
    return undefined;
  } finally {
    idle = writer;
  }
}

/** What stands in a writer, as long as it stands there. */
class TransientMessage implements EncodedMessage {
  readonly byteLength: number;
  readonly #writer: MessageWriter;
  readonly #serial: number;

  constructor(writer: MessageWriter) {
    this.byteLength = writer.length;
    this.#writer = writer;
    this.#serial = writer.serial;
  }

  copy(target: Uint8Array, targetStart = 0): number {
    if (this.#writer.serial !== this.#serial) {
      throw new Error("An encoded message was kept while another one was encoded. Use `encode` for bytes to keep.");
    }
    return this.#writer.copyTo(target, targetStart);
  }
}
