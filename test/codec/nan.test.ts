import { type DescField, fromBinary, ScalarType, toBinary } from "@bufbuild/protobuf";
import { describe, expect, test } from "vitest";
import { compileProtos, OWN_PROTOS } from "./compiled-protos.js";
import { generateCodecs } from "./generated-codecs.js";

// A NaN has bits to spare. protobuf-es keeps them, so a service that passes messages on must as well.

const linked = generateCodecs(compileProtos(OWN_PROTOS));

const USUAL: Readonly<Record<number, readonly number[]>> = { 4: [0, 0, 0xc0, 0x7f], 8: [0, 0, 0, 0, 0, 0, 0xf8, 0x7f] };
const UNUSUAL: Readonly<Record<number, readonly (readonly number[])[]>> = {
  4: [
    [1, 0, 0xc0, 0x7f],
    [0, 0, 0xc0, 0xff],
    [1, 2, 0x83, 0x7f],
    [1, 0, 0x80, 0xff],
  ],
  8: [
    [1, 0, 0, 0, 0, 0, 0xf8, 0x7f],
    [0, 0, 0, 0, 0, 0, 0xf8, 0xff],
    [1, 2, 3, 4, 5, 6, 0xf0, 0x7f],
    [0, 0, 0, 0, 1, 0, 0xf8, 0x7f],
  ],
};
const ONE: Readonly<Record<number, readonly number[]>> = { 4: [0, 0, 0x80, 0x3f], 8: [0, 0, 0, 0, 0, 0, 0xf0, 0x3f] };

interface NumberField {
  readonly field: DescField;
  readonly size: number;
}

const FIELDS: readonly NumberField[] = linked.files
  .flatMap(({ messages }) => messages)
  .flatMap(({ fields }) => fields)
  .flatMap((field) => {
    const size = field.scalar === ScalarType.DOUBLE ? 8 : field.scalar === ScalarType.FLOAT ? 4 : undefined;
    return size === undefined || field.fieldKind === "map" ? [] : [{ field, size }];
  });

function varint(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varint(value >>> 7)];
}

/** A field's values as they may stand in a message: for a list, packed and one by one. */
function encodings({ field, size }: NumberField, values: readonly (readonly number[])[]): Uint8Array[] {
  const single = values.flatMap((bytes) => [...varint((field.number << 3) | (size === 8 ? 1 : 5)), ...bytes]);
  const packed = [...varint((field.number << 3) | 2), ...varint(values.length * size), ...values.flat()];
  return (field.fieldKind === "list" ? [single, packed] : [single]).map((bytes) => Uint8Array.from(bytes));
}

test("there are lists and single fields of both types", () => {
  const kinds = new Set(FIELDS.map(({ field, size }) => `${field.fieldKind} of ${size}`));
  expect([...kinds].sort()).toEqual(["list of 4", "list of 8", "scalar of 4", "scalar of 8"]);
});

describe.each(FIELDS.map((item) => [`${item.field}`, item] as const))("%s", (_, item) => {
  const schema = item.field.parent;
  const codec = linked.find(schema).codec;
  const counts = item.field.fieldKind === "list" ? [1, 2, 63, 64, 100] : [1];

  test("keeps the bits of a NaN as protobuf-es does", () => {
    for (const nan of UNUSUAL[item.size] ?? []) {
      for (const count of counts) {
        const values = [...(count > 1 ? [ONE[item.size] ?? []] : []), ...new Array(count).fill(nan)];
        for (const bytes of encodings(item, values)) {
          const message = fromBinary(schema, bytes);
          const expected = Buffer.from(toBinary(schema, message)).toString("hex");
          expect(Buffer.from(codec.encode(codec.decode(Buffer.from(bytes)))).toString("hex")).toBe(expected);
          expect(Buffer.from(codec.encode(message)).toString("hex")).toBe(expected);
        }
      }
    }
  });

  test("reads the usual NaN without protobuf-es", () => {
    const nan = USUAL[item.size] ?? [];
    for (const bytes of encodings(item, [nan])) {
      const { readStatically, writeStatically } = linked.find(schema);
      expect(Buffer.from(writeStatically(readStatically(bytes)))).toEqual(
        Buffer.from(toBinary(schema, fromBinary(schema, bytes))),
      );
    }
  });
});
