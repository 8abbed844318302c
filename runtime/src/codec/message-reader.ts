import type { DescMessage, UnknownField } from "@bufbuild/protobuf";
import type { GenEnum } from "@bufbuild/protobuf/codegenv2";
import { fallBack } from "./fall-back.js";
import { PackedReader } from "./packed-reader.js";

/**
 * Reads the fields of a message.
 *
 * @param end where the message ends, or {@link GROUP_END}
 * @param current what there is of it: its fields are merged with those that are read
 */
export type ReadMessage<Value> = (reader: MessageReader, end: number, current?: Value) => Value;

/** In place of a message's end, if a tag ends it. No message is that large. */
export const GROUP_END = 0x7fff_ffff;

/** How deep messages may be nested, as protobuf-es has it. */
const MAX_DEPTH = 100;

const WireType = { varint: 0, bit64: 1, lengthDelimited: 2, startGroup: 3, endGroup: 4, bit32: 5 } as const;

/** What messages and init shapes have in common. */
export interface Extensible {
  $unknown?: UnknownField[] | undefined;
}

/** Reads messages: what generated code calls. */
export class MessageReader extends PackedReader {
  private depth = 1;
  private lastGroupEnd = 0;

  /** Reads the length of a message. @returns where it ends: {@link close} belongs to it */
  open(): number {
    if (++this.depth > MAX_DEPTH) {
      fallBack();
    }
    return this.length();
  }

  /** Ends a message. */
  close(end: number): void {
    this.expectEnd(end);
    this.depth--;
  }

  /** Reads the length of a map's entry. @returns where it ends: {@link closeEntry} belongs to it */
  openEntry(): number {
    return this.length();
  }

  /** Ends a map's entry. */
  closeEntry(end: number): void {
    this.expectEnd(end);
  }

  /** Makes an empty message. */
  empty<Value>(read: ReadMessage<Value>): Value {
    this.depth++;
    return read(this, this.position);
  }

  /** Reads a message that a tag ends. */
  group<Value>(endTag: number, read: ReadMessage<Value>, current?: Value): Value {
    if (++this.depth > MAX_DEPTH) {
      fallBack();
    }
    const value = read(this, GROUP_END, current);
    if (this.lastGroupEnd !== endTag) {
      fallBack();
    }
    this.depth--;
    return value;
  }

  /**
   * Deals with a tag that isn't one of the message's: keeps the field, or ends the group. A field of the message that
   * comes with another wire type isn't for static codecs.
   *
   * @returns whether the tag ends the message
   */
  unknown(tag: number, end: number, message: Extensible, schema: DescMessage): boolean {
    const no = tag >>> 3;
    const wireType = tag & 7;
    if (wireType === WireType.endGroup) {
      if (end !== GROUP_END) {
        fallBack();
      }
      this.lastGroupEnd = tag;
      return true;
    }
    if (fieldNumbers(schema).has(no)) {
      fallBack();
    }
    const start = this.position;
    this.skip(tag);
    keep(message, { no, wireType, data: this.view(start, this.position) });
    return false;
  }

  /** Deals with a tag that isn't one of a map's entry. */
  unknownInEntry(tag: number): void {
    if (tag >>> 3 <= 2) {
      fallBack();
    }
    this.skip(tag);
  }

  /**
   * Reads a closed enum. A value that isn't one of it is kept as an unknown field.
   *
   * @param no the number of the field
   * @returns the value, if it is one of the enum's
   */
  closedEnum<Kind extends number>(schema: GenEnum<Kind>, no: number, message: Extensible): Kind | undefined {
    const value = this.int32() as Kind;
    if (schema.value[value] !== undefined) {
      return value;
    }
    keep(message, { no, wireType: WireType.varint, data: varintOf(value) });
    return undefined;
  }

  private skip(tag: number): void {
    switch (tag & 7) {
      case WireType.varint:
        this.skipVarint();
        break;
      case WireType.bit64:
        this.advance(8);
        break;
      case WireType.lengthDelimited:
        this.position = this.length();
        break;
      case WireType.startGroup:
        this.skipGroup(tag);
        break;
      case WireType.bit32:
        this.advance(4);
        break;
      default:
        fallBack();
    }
    if (tag >>> 3 === 0) {
      fallBack();
    }
  }

  private skipVarint(): void {
    while (this.position < this.end) {
      if ((this.buffer[this.position++] as number) < 0x80) {
        return;
      }
    }
    fallBack();
  }

  private skipGroup(startTag: number): void {
    if (++this.depth > MAX_DEPTH) {
      fallBack();
    }
    const endTag = startTag + 1;
    for (let tag = this.tag(); tag !== endTag; tag = this.tag()) {
      this.skip(tag);
    }
    this.depth--;
  }

  private advance(size: number): void {
    this.position += size;
    if (this.position > this.end) {
      fallBack();
    }
  }
}

function keep(message: Extensible, field: UnknownField): void {
  message.$unknown ??= [];
  message.$unknown.push(field);
}

function varintOf(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  for (; rest > 0x7fn; rest >>= 7n) {
    bytes.push(Number(rest & 0x7fn) | 0x80);
  }
  bytes.push(Number(rest));
  return new Uint8Array(bytes);
}

const numbersOf = new WeakMap<DescMessage, ReadonlySet<number>>();

function fieldNumbers(schema: DescMessage): ReadonlySet<number> {
  let numbers = numbersOf.get(schema);
  if (numbers === undefined) {
    numbers = new Set(schema.fields.map((field) => field.number));
    numbersOf.set(schema, numbers);
  }
  return numbers;
}
