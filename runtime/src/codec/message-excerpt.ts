import type { DescMessage, Message, MessageInitShape, MessageShape } from "@bufbuild/protobuf";
import { StructSchema } from "@bufbuild/protobuf/wkt";
import type { MessageCodec } from "./message-codec.js";

/** How an encoded message begins. */
export interface MessageExcerpt {
  readonly bytes: Uint8Array;
  /** How many bytes the whole message has. */
  readonly size: number;
}

// Larger messages have an excerpt, of this size.
const EXCERPT_BYTES = 32 * 1024;

const excerpts = new WeakMap<object, MessageExcerpt>();

/**
 * How a large message was encoded, if it has maps and was read or written by an {@link excerptingCodec}.
 *
 * The maps of protobuf-es are plain objects, and JavaScript can't look at the first keys of an object without listing all of
 * them: of a map of 4 MB, that takes up to 400 ms. Whoever shows only how a message begins reads that from its bytes.
 */
export function messageExcerpt(message: Message): MessageExcerpt | undefined {
  return excerpts.get(message);
}

/** A codec that remembers how large messages begin, if messages of the type can have maps; else the codec itself. */
export function excerptingCodec<Desc extends DescMessage>(codec: MessageCodec<Desc>): MessageCodec<Desc> {
  if (!reachesMap(codec.schema, new Set())) {
    return codec;
  }
  return {
    schema: codec.schema,
    encode(message) {
      const encoded = codec.encode(message);
      remember(message, encoded.byteLength, (excerpt) => encoded.copy(excerpt));
      return encoded;
    },
    encodeTransient(message) {
      const encoded = codec.encodeTransient(message);
      remember(message, encoded.byteLength, (excerpt) => encoded.copy(excerpt));
      return encoded;
    },
    decode(bytes) {
      const message = codec.decode(bytes);
      remember(message, bytes.byteLength, (excerpt) => excerpt.set(bytes.subarray(0, EXCERPT_BYTES)));
      return message;
    },
  };
}

function remember<Desc extends DescMessage>(
  message: MessageShape<Desc> | MessageInitShape<Desc>,
  size: number,
  copyTo: (excerpt: Uint8Array) => void,
): void {
  if (size > EXCERPT_BYTES) {
    const bytes = new Uint8Array(EXCERPT_BYTES);
    copyTo(bytes);
    excerpts.set(message, { bytes, size });
  } else if (excerpts.has(message)) {
    // It was larger when it was encoded before.
    excerpts.delete(message);
  }
}

function reachesMap(desc: DescMessage, seen: Set<DescMessage>): boolean {
  if (seen.has(desc)) {
    return false;
  }
  seen.add(desc);
  return desc.fields.some(
    ({ fieldKind, message }) =>
      fieldKind === "map" ||
      (message !== undefined && (message.typeName === StructSchema.typeName || reachesMap(message, seen))),
  );
}
