import type { UnknownField } from "@bufbuild/protobuf";
import { fallBack } from "./fall-back.js";
import { PackedWriter } from "./packed-writer.js";

/** Writes the fields of a message. The value can be an init shape: what is missing in it isn't written. */
export type WriteMessage<Value> = (writer: MessageWriter, value: Value) => void;

/** Writes the key and the value of a map's entry. Object keys are strings, whatever the type of the map's keys is. */
export type WriteEntry<Value> = (writer: MessageWriter, key: string, value: Value) => void;

/** What a map looks like, whatever the type of its keys is. */
export type MapRecord<Value> = { readonly [key: number]: Value };

/** Writes messages: what generated code calls. Tags are field numbers and wire types, as on the wire. */
export class MessageWriter extends PackedWriter {
  /** Begins a message: gives up on what is neither one of its type nor a plain object. */
  check(message: { readonly $typeName?: string }, typeName: string): void {
    if (message.$typeName !== typeName) {
      checkInit(message);
    }
  }

  /** Writes a message with its length. */
  message<Value>(tag: number, write: WriteMessage<Value>, value: Value): void {
    this.reserve(10);
    this.putTag(tag);
    const start = this.position++;
    write(this, value);
    const length = this.position - start - 1;
    if (length < 0x80) {
      this.buffer[start] = length;
    } else {
      this.prefix(start, 1);
    }
  }

  /** Writes a list of messages. */
  messages<Value>(tag: number, write: WriteMessage<Value>, values: readonly Value[] | undefined): void {
    if (values == null) {
      return;
    }
    // Messages in a list tend to be of a size: one that is as long as the one before it needn't be moved.
    let expected = 1;
    for (const value of values) {
      this.reserve(10);
      this.putTag(tag);
      const start = this.position;
      this.position = start + expected;
      write(this, value);
      expected = this.prefix(start, expected);
    }
  }

  /** Writes a message between two tags. */
  group<Value>(startTag: number, endTag: number, write: WriteMessage<Value>, value: Value): void {
    this.reserve(5);
    this.putTag(startTag);
    write(this, value);
    this.reserve(5);
    this.putTag(endTag);
  }

  /** Writes a list of messages between tags. */
  groups<Value>(
    startTag: number,
    endTag: number,
    write: WriteMessage<Value>,
    values: readonly Value[] | undefined,
  ): void {
    for (const value of values ?? []) {
      this.group(startTag, endTag, write, value);
    }
  }

  /** Writes a map. */
  map<Value>(tag: number, record: MapRecord<Value> | undefined, write: WriteEntry<Value>): void {
    if (record == null) {
      return;
    }
    const entries = record as Readonly<Record<string, Value>>;
    for (const key of Object.keys(entries)) {
      this.reserve(10);
      this.putTag(tag);
      const start = this.position++;
      write(this, key, entries[key] as Value);
      this.prefix(start, 1);
    }
  }

  /** Writes the fields that decoding didn't know. They are a message's: `create` doesn't take them from an init shape. */
  unknown(message: { readonly $typeName?: string; readonly $unknown?: readonly UnknownField[] | undefined }): void {
    if (message.$typeName === undefined) {
      return;
    }
    for (const { no, wireType, data } of message.$unknown ?? []) {
      if (!(data instanceof Uint8Array)) {
        fallBack();
      }
      this.reserve(data.length + 5);
      this.putTag(((no << 3) | wireType) >>> 0);
      this.buffer.set(data, this.position);
      this.position += data.length;
    }
  }

  /** Gives up on a message without a required field: protobuf-es says which. */
  missing(): never {
    return fallBack();
  }
}

function checkInit(value: unknown): void {
  if (typeof value !== "object" || value === null || "$typeName" in value) {
    fallBack();
  }
  // `create` reads inherited properties, which a codec mustn't take for a message's defaults.
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) {
    fallBack();
  }
}
