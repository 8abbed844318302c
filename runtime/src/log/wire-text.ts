import { type DescMessage, ScalarType } from "@bufbuild/protobuf";
import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";
import { AnySchema } from "@bufbuild/protobuf/wkt";
import { readUtf8 } from "../codec/utf8.js";
import { MAX_TYPE_URL, writeAny } from "./any-text.js";
import { type PayloadField, payloadType } from "./payload-field.js";
import { enumText, quoted, REDACTED, scalarText } from "./scalar-text.js";
import { isRedacted, MAX_DEPTH, type TextContext, writeUnknown } from "./text-context.js";
import { fitsField, readNumber, scalarWireType, valueWireType } from "./wire-value.js";

/**
 * Writes the fields of an encoded message, in the order in which they are encoded. Nothing is decoded beyond what is shown.
 *
 * @param bytes the message, or its beginning
 * @param size how long the whole message is
 * @throws {Error} if the bytes are no message of the type, as far as they are looked at
 */
export function writeWireMessage(
  context: TextContext,
  desc: DescMessage,
  bytes: Uint8Array,
  depth: number,
  size: number = bytes.byteLength,
): void {
  new WireText(context, bytes).message(desc, size, depth);
}

class WireText {
  readonly #context: TextContext;
  readonly #bytes: Buffer;
  readonly #reader: BinaryReader;

  constructor(context: TextContext, bytes: Uint8Array) {
    this.#context = context;
    // A Buffer, since Node decodes its texts faster.
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#reader = new BinaryReader(bytes);
  }

  message(desc: DescMessage, end: number, depth: number, group?: number): void {
    if (desc.typeName === AnySchema.typeName) {
      this.#any(end, depth, group);
      return;
    }
    const { out } = this.#context;
    const { byNumber } = payloadType(desc);
    const hidden = new Set<PayloadField>();
    let unknown = 0;
    for (let tag = this.#tag(end, group); tag !== undefined; tag = this.#tag(end, group)) {
      const [number, wireType] = tag;
      const field = byNumber.get(number);
      if (field === undefined || !fitsField(field, wireType)) {
        this.#skip(number, wireType, end, depth);
        unknown += 1;
      } else if (!isRedacted(this.#context, field)) {
        this.#field(field, wireType, end, depth);
      } else {
        this.#skip(number, wireType, end, depth);
        if (!hidden.has(field)) {
          hidden.add(field);
          out.write(`${field.name}: ${REDACTED}`);
        }
      }
    }
    writeUnknown(out, unknown);
  }

  #field(field: PayloadField, wireType: WireType, end: number, depth: number): void {
    const { out } = this.#context;
    const own = valueWireType(field);
    if (field.kind === "map") {
      const entryEnd = this.#lengthEnd(end);
      out.write(`${field.name} {`);
      this.#entry(field, entryEnd, depth);
      out.write("}");
    } else if (field.kind === "list" && wireType === WireType.LengthDelimited && own !== wireType) {
      const packedEnd = this.#lengthEnd(end);
      while (!out.full && this.#hasMore(packedEnd)) {
        this.#value(field.name, field, own, packedEnd, depth);
      }
    } else {
      this.#value(field.name, field, wireType, end, depth);
    }
  }

  #entry(field: PayloadField, end: number, depth: number): void {
    for (let tag = this.#tag(end); tag !== undefined; tag = this.#tag(end)) {
      const [number, wireType] = tag;
      if (number === 1 && field.mapKey !== undefined && scalarWireType(field.mapKey) === wireType) {
        this.#context.out.write(`key: ${this.#scalar(field, field.mapKey, end)}`);
      } else if (number === 2 && valueWireType(field) === wireType) {
        this.#value("value", field, wireType, end, depth);
      } else {
        this.#skip(number, wireType, end, depth);
      }
    }
  }

  #value(name: string, field: PayloadField, wireType: WireType, end: number, depth: number): void {
    const { out } = this.#context;
    if (field.message !== undefined) {
      if (depth >= MAX_DEPTH) {
        throw new Error("the message is nested too deep");
      }
      const isGroup = wireType === WireType.StartGroup;
      const messageEnd = isGroup ? end : this.#lengthEnd(end);
      out.write(`${name} {`);
      this.message(field.message, messageEnd, depth + 1, isGroup ? field.number : undefined);
      out.write("}");
    } else if (field.enum !== undefined) {
      out.write(`${name}: ${enumText(field.enum, this.#reader.int32())}`);
    } else if (field.scalar !== undefined) {
      out.write(`${name}: ${this.#scalar(field, field.scalar, end)}`);
    }
  }

  #scalar(field: PayloadField, type: ScalarType, end: number): string {
    const { limit } = this.#context.out;
    if (scalarWireType(type) !== WireType.LengthDelimited) {
      return scalarText(type, readNumber(this.#reader, type), limit);
    }
    const valueEnd = this.#lengthEnd(end);
    const start = this.#reader.pos;
    this.#reader.pos = valueEnd;
    // No UTF-16 unit takes more than three bytes.
    const shownEnd = Math.min(valueEnd, start + 3 * (limit + 2), this.#bytes.byteLength);
    return type === ScalarType.STRING
      ? quoted(this.#text(start, shownEnd, shownEnd === valueEnd, field.checksUtf8), limit)
      : scalarText(type, this.#bytes.subarray(start, shownEnd), limit);
  }

  #any(end: number, depth: number, group: number | undefined): void {
    let typeUrl = "";
    let value = { start: 0, end: 0 };
    for (let tag = this.#tag(end, group); tag !== undefined; tag = this.#tag(end, group)) {
      const [number, wireType] = tag;
      if (wireType !== WireType.LengthDelimited || number > 2) {
        this.#skip(number, wireType, end, depth);
        continue;
      }
      const valueEnd = this.#lengthEnd(end);
      const start = this.#reader.pos;
      this.#reader.pos = valueEnd;
      if (number === 1) {
        // One byte more than is known: then it is seen to be too long.
        const shownEnd = Math.min(valueEnd, start + MAX_TYPE_URL + 1, this.#bytes.byteLength);
        typeUrl = this.#text(start, shownEnd, shownEnd === valueEnd, true);
      } else {
        value = { start, end: valueEnd };
      }
    }
    const next = this.#reader.pos;
    writeAny(this.#context, typeUrl, value.end - value.start, depth, (desc) => {
      this.#reader.pos = value.start;
      this.message(desc, value.end, depth + 1);
    });
    this.#reader.pos = next;
  }

  /** The next field's number and wire type; `undefined` at the end of the message, and when no more is to be shown. */
  #tag(end: number, group?: number): [number, WireType] | undefined {
    const { out } = this.#context;
    if (out.full) {
      return undefined;
    }
    if (!this.#hasMore(end)) {
      if (group !== undefined && !out.full) {
        throw new Error("a group doesn't end");
      }
      return undefined;
    }
    const tag = this.#reader.tag();
    if (tag[1] === WireType.EndGroup) {
      if (tag[0] !== group) {
        throw new Error("a group ends that hasn't begun");
      }
      return undefined;
    }
    return out.step() ? tag : undefined;
  }

  #skip(number: number, wireType: WireType, end: number, depth: number): void {
    if (wireType === WireType.LengthDelimited) {
      this.#reader.pos = this.#lengthEnd(end);
    } else if (wireType !== WireType.StartGroup) {
      this.#reader.skip(wireType, number);
    } else if (depth >= MAX_DEPTH) {
      throw new Error("the message is nested too deep");
    } else {
      for (let tag = this.#tag(end, number); tag !== undefined; tag = this.#tag(end, number)) {
        this.#skip(tag[0], tag[1], end, depth + 1);
      }
    }
  }

  /** @throws {TypeError} if the bytes are no UTF-8, though they must be */
  #text(start: number, end: number, isWhole: boolean, isStrict: boolean): string {
    if (isWhole) {
      return readUtf8(this.#bytes, start, end, isStrict);
    }
    // As a stream, a character that is cut isn't taken for a fault.
    const decoder = new TextDecoder("utf-8", { fatal: isStrict, ignoreBOM: true });
    return decoder.decode(this.#bytes.subarray(start, end), { stream: true });
  }

  /** Where the value ends whose length comes next. */
  #lengthEnd(end: number): number {
    const length = this.#reader.uint32();
    const valueEnd = this.#reader.pos + length;
    if (valueEnd > end) {
      throw new Error("a value is longer than its message");
    }
    return valueEnd;
  }

  #hasMore(end: number): boolean {
    const { pos } = this.#reader;
    if (pos > end) {
      throw new Error("a value is longer than its message");
    }
    if (pos < end && pos >= this.#bytes.byteLength) {
      // Only the beginning of the message is there.
      this.#context.out.cut();
      return false;
    }
    return pos < end;
  }
}
