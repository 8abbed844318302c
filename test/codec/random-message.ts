import {
  create,
  type DescField,
  type DescMessage,
  type JsonObject,
  type JsonValue,
  type Message,
  ScalarType,
  type UnknownField,
} from "@bufbuild/protobuf";
import { FeatureSet_FieldPresence, isWrapperDesc } from "@bufbuild/protobuf/wkt";
import type { Random } from "./random.js";

const MAX_DEPTH = 4;

type Fields = Message & Record<string, unknown>;

/** Fills a message of any type with whatever its fields can hold. Required fields are there, if that is possible. */
export function randomMessage(schema: DescMessage, random: Random, depth = 0): Message {
  const message = create(schema) as Fields;
  const eagerness = 1 + random.below(4);
  for (const member of schema.members) {
    if (member.kind === "oneof") {
      if (!random.oneIn(eagerness + 1)) {
        const field = random.pick(member.fields);
        message[member.localName] = { case: field.localName, value: singleValue(field, random, depth) };
      }
      continue;
    }
    const isDeep = depth >= MAX_DEPTH && member.message !== undefined;
    // Where required messages contain each other without end, there is no complete message.
    const isRequired = member.presence === FeatureSet_FieldPresence.LEGACY_REQUIRED && depth < 2 * MAX_DEPTH;
    if (isRequired || (!random.oneIn(eagerness + 1) && !isDeep)) {
      message[member.localName] = fieldValue(member, random, depth);
    }
  }
  if (random.oneIn(12)) {
    message.$unknown = unknownFields(schema, random);
  }
  return message;
}

function fieldValue(field: DescField, random: Random, depth: number): unknown {
  switch (field.fieldKind) {
    case "list":
      return Array.from({ length: sizeOf(random, depth) }, () => singleValue(field, random, depth));
    case "map": {
      const record: Record<string, unknown> = {};
      for (let left = sizeOf(random, depth); left > 0; left--) {
        const key = String(field.mapKey === ScalarType.STRING ? mapKey(random) : scalarValue(field.mapKey, random));
        Object.defineProperty(record, key, {
          value: singleValue(field, random, depth),
          enumerable: true,
          writable: true,
          configurable: true,
        });
      }
      return record;
    }
    default:
      return singleValue(field, random, depth);
  }
}

function singleValue(field: DescField, random: Random, depth: number): unknown {
  if (field.message !== undefined) {
    if (field.message.typeName === "google.protobuf.Struct" && field.parent.typeName !== "google.protobuf.Value") {
      return randomJsonObject(random, depth);
    }
    const [value] = field.message.fields;
    if (field.fieldKind === "message" && field.oneof === undefined && isWrapperDesc(field.message) && value?.scalar) {
      return scalarValue(value.scalar, random);
    }
    return randomMessage(field.message, random, depth + 1);
  }
  if (field.enum !== undefined) {
    return random.oneIn(8) ? random.bits() | 0 : random.pick(field.enum.values).number;
  }
  const value = scalarValue(field.scalar ?? ScalarType.INT32, random);
  return "longAsString" in field && field.longAsString ? String(value) : value;
}

function sizeOf(random: Random, depth: number): number {
  const size = random.pick([0, 1, 1, 2, 3, 5]);
  // Long lists are read otherwise than short ones.
  return depth === 0 && random.oneIn(20) ? size + random.pick([40, 150]) : size;
}

const INT32 = [0, 1, -1, 127, 128, 16383, 16384, 2 ** 21, 2 ** 28, 2 ** 31 - 1, -(2 ** 31)];
const UINT32 = [0, 1, 127, 128, 16383, 16384, 2 ** 21 - 1, 2 ** 28, 2 ** 32 - 1];
const INT64 = [0n, 1n, -1n, 127n, 128n, 2n ** 31n, 2n ** 32n, -(2n ** 31n), 2n ** 63n - 1n, -(2n ** 63n)];
const UINT64 = [0n, 1n, 128n, 2n ** 32n - 1n, 2n ** 35n, 2n ** 63n, 2n ** 64n - 1n];
const DOUBLE = [0, -0, 1.5, -2, Number.NaN, Infinity, -Infinity, Number.MIN_VALUE, Number.MAX_VALUE, 1e-310];
const FLOAT = [0, -0, 1.5, -2, Number.NaN, Infinity, -Infinity, 3.4028234663852886e38, -1e-45];
const TEXT = [
  "",
  "a",
  "hello",
  "twelve chars",
  "thirteen char",
  "eighteen character",
  "nineteen characters",
  "ü",
  "grüße",
  "日本語",
  "日本語のとても長い文字列です、ありがとう",
  "🙂",
  "a🙂b",
  "\ud800",
  "\udc00 lone",
  "\ufeffbom",
  "\ufffd replaced",
  "nul\0byte",
];

/** A value that protobuf-es has for a scalar type. */
export function scalarValue(type: ScalarType, random: Random): unknown {
  switch (type) {
    case ScalarType.STRING:
      return text(random);
    case ScalarType.BYTES:
      return bytes(random);
    case ScalarType.BOOL:
      return random.oneIn(2);
    case ScalarType.DOUBLE:
      return random.oneIn(2) ? random.pick(DOUBLE) : random.bits() / 1024 - 1e6;
    case ScalarType.FLOAT:
      return random.oneIn(2) ? random.pick(FLOAT) : Math.fround(random.bits() / 1024);
    case ScalarType.INT32:
    case ScalarType.SINT32:
    case ScalarType.SFIXED32:
      return random.oneIn(2) ? random.pick(INT32) : random.bits() >> random.below(32);
    case ScalarType.UINT32:
    case ScalarType.FIXED32:
      return random.oneIn(2) ? random.pick(UINT32) : random.bits() >>> random.below(32);
    case ScalarType.INT64:
    case ScalarType.SINT64:
    case ScalarType.SFIXED64:
      return random.oneIn(2) ? random.pick(INT64) : BigInt.asIntN(64, random.bits64() * (random.oneIn(2) ? 1n : -1n));
    case ScalarType.UINT64:
    case ScalarType.FIXED64:
      return random.oneIn(2) ? random.pick(UINT64) : random.bits64();
  }
}

function text(random: Random): string {
  switch (random.below(6)) {
    case 0: {
      const unit = random.pick(["x", "ab", "é", "漢", "🙂"]);
      return unit.repeat(random.pick([1, 5, 17, 19, 40, 42, 43, 127, 128, 129, 300, 5000]));
    }
    case 1:
      return String.fromCharCode(...Array.from({ length: random.below(24) }, () => random.bits() & 0xffff));
    case 2:
      return String.fromCharCode(...Array.from({ length: random.below(40) }, () => 32 + random.below(95)));
    default:
      return random.pick(TEXT);
  }
}

function mapKey(random: Random): string {
  return random.oneIn(4) ? random.pick(["__proto__", "constructor", "", "7", "-1", "toString"]) : text(random);
}

function bytes(random: Random): Uint8Array {
  const length = random.oneIn(6) ? random.pick([127, 128, 300, 17_000]) : random.below(12);
  return Uint8Array.from({ length }, () => random.bits() & 0xff);
}

function randomJsonObject(random: Random, depth: number): JsonObject {
  const object: JsonObject = {};
  for (let left = random.below(4); left > 0; left--) {
    Object.defineProperty(object, mapKey(random), {
      value: randomJson(random, depth + 1),
      enumerable: true,
      writable: true,
      configurable: true,
    });
  }
  return object;
}

function randomJson(random: Random, depth: number): JsonValue {
  switch (random.below(depth > MAX_DEPTH ? 4 : 6)) {
    case 0:
      return null;
    case 1:
      return random.pick(DOUBLE);
    case 2:
      return text(random);
    case 3:
      return random.oneIn(2);
    case 4:
      return Array.from({ length: random.below(4) }, () => randomJson(random, depth + 1));
    default:
      return randomJsonObject(random, depth);
  }
}

// Complete records of each wire type.
const UNKNOWN: readonly Omit<UnknownField, "no">[] = [
  { wireType: 0, data: Uint8Array.of(0) },
  { wireType: 0, data: Uint8Array.of(0xff, 0xff, 0x03) },
  { wireType: 1, data: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8) },
  { wireType: 2, data: Uint8Array.of(0) },
  { wireType: 2, data: Uint8Array.of(3, 1, 2, 3) },
  { wireType: 5, data: Uint8Array.of(1, 2, 3, 4) },
];

function unknownFields(schema: DescMessage, random: Random): UnknownField[] {
  const known = new Set(schema.fields.map(({ number }) => number));
  const numbers = [1, 2, 15, 16, 77, 2047, 2048, 99_999, 536_870_911].filter((number) => !known.has(number));
  return Array.from({ length: 1 + random.below(3) }, () => {
    const no = random.pick(numbers);
    // A group, which ends with its own tag.
    if (no < 16 && random.oneIn(4)) {
      return { no, wireType: 3, data: Uint8Array.of(8, 1, 0x13, 0x14, (no << 3) | 4) };
    }
    return { no, ...random.pick(UNKNOWN) };
  });
}
