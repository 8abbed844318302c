import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { AnySchema, type Struct, StructSchema, TimestampSchema, ValueSchema } from "@bufbuild/protobuf/wkt";
import { describe, expect, test } from "vitest";
import { reflectCodec } from "./message-codec.js";
import { defineCodec } from "./static-codec.js";
import { AnyCodec, readAny, StructCodec, TimestampCodec, ValueCodec, writeAny } from "./well-known-types.js";

const anyOf = (size: number, fill: number) =>
  create(AnySchema, { typeUrl: `type/${fill}`, value: new Uint8Array(size).fill(fill) });

/** A struct in structs, as deep as given, around a text. */
function nested(depth: number, text: string): Struct {
  const inner =
    depth === 0
      ? create(ValueSchema, { kind: { case: "stringValue", value: text } })
      : create(ValueSchema, { kind: { case: "structValue", value: nested(depth - 1, text) } });
  return create(StructSchema, { fields: { key: inner } });
}

describe("encode", () => {
  test("gives bytes that later messages don't change", () => {
    const sizes = [0, 1, 100, 4_000, 4_100, 20_000, 100, 3 << 20, 10, 4_000, 4_000, 4_000, 4_000, 4_000];
    const messages = sizes.map((size, index) => anyOf(size, index));
    const encoded = messages.map((message) => AnyCodec.encode(message));
    messages.forEach((message, index) => {
      expect(Buffer.compare(encoded[index] ?? Buffer.alloc(0), toBinary(AnySchema, message))).toBe(0);
    });
  });

  test("gives bytes that later messages don't change, of large messages among small and transient ones", () => {
    const kept: [number, Buffer][] = [];
    for (let index = 0; index < 120; index++) {
      const size = (index * 7919) % 140_000;
      kept.push([index, AnyCodec.encode(anyOf(size, index))], [size % 500, AnyCodec.encode(anyOf(100, size % 500))]);
      AnyCodec.encodeTransient(anyOf((index * 104_729) % 160_000, 0xff));
    }
    for (const [fill, encoded] of kept) {
      const { typeUrl, value } = fromBinary(AnySchema, encoded);
      expect(typeUrl).toBe(`type/${fill}`);
      expect(value.every((byte) => byte === (fill & 0xff))).toBe(true);
    }
    expect(kept[0]?.[1].length).toBe(toBinary(AnySchema, anyOf(0, 0)).length);
  });

  test("of a large message holds no more than 32 times its memory", () => {
    for (let size = 5_000; size < 200_000; size += 1_117) {
      const { length, buffer } = AnyCodec.encode(anyOf(size, 1));
      expect(buffer.byteLength).toBeLessThanOrEqual(length * 32);
    }
  });

  test("of a small message holds little memory, whatever was encoded before", () => {
    for (const size of [10, 4_000, 100_000, 500_000, 5 << 20]) {
      AnyCodec.encode(anyOf(size, 1));
      expect(AnyCodec.encode(anyOf(10, 1)).buffer.byteLength).toBeLessThanOrEqual(16 << 10);
    }
  });

  test("keeps what it has written when its memory grows within a sub-message", () => {
    // The positions of the lengths around the text are known before there is room for it.
    for (const size of [100, 127, 128, 16_000, 16_384, 100_000]) {
      const message = nested(8, "x".repeat(size));
      StructCodec.encode(nested(1, "before"));
      expect(Buffer.compare(StructCodec.encode(message), toBinary(StructSchema, message))).toBe(0);
    }
  });

  test("takes init shapes, with prototypes other than Object's too", () => {
    class Moment {
      get seconds(): bigint {
        return 7n;
      }
    }
    const expected = Buffer.from(toBinary(TimestampSchema, create(TimestampSchema, { seconds: 7n })));
    expect(TimestampCodec.encode({ seconds: 7n })).toEqual(expected);
    expect(TimestampCodec.encode(new Moment())).toEqual(expected);
  });

  test("of a message whose getter encodes another message", () => {
    const message = {
      get typeUrl(): string {
        return AnyCodec.encode({ typeUrl: "inner" }).toString("latin1");
      },
      value: new Uint8Array(2),
    };
    expect(AnyCodec.encode(message)).toEqual(AnyCodec.encode({ typeUrl: "\n\u0005inner", value: new Uint8Array(2) }));
  });

  test("goes on after an error", () => {
    const wrong = create(TimestampSchema, { seconds: 2n ** 64n });
    expect(() => TimestampCodec.encode(wrong)).toThrow(
      "cannot encode field google.protobuf.Timestamp.seconds to binary: invalid int64: 18446744073709551616",
    );
    expect(TimestampCodec.encode({ nanos: 1 })).toEqual(Buffer.of(0x10, 1));
  });

  test("refuses messages of another type in its fields", () => {
    const value = create(ValueSchema);
    value.kind = { case: "structValue", value: anyOf(1, 1) as never };
    expect(() => ValueCodec.encode(value)).toThrow(
      "cannot use field google.protobuf.Struct.fields with message google.protobuf.Any",
    );
  });
});

describe("encodeTransient", () => {
  test("gives what grpc-js's server reads: a size, and a copy into its frame", () => {
    const message = anyOf(300, 9);
    const encoded = AnyCodec.encodeTransient(message);
    const frame = Buffer.alloc(encoded.byteLength + 5);
    expect(encoded.copy(frame, 5)).toBe(encoded.byteLength);
    expect(frame.subarray(5)).toEqual(Buffer.from(toBinary(AnySchema, message)));
  });

  test("can't be read when another message has been encoded, by any codec", () => {
    const encoded = AnyCodec.encodeTransient(anyOf(300, 9));
    TimestampCodec.encode({ seconds: 1n });
    expect(() => encoded.copy(Buffer.alloc(400))).toThrow("kept while another one was encoded");
  });

  test("doesn't touch what was encoded before", () => {
    const kept = AnyCodec.encode(anyOf(50, 1));
    const before = Buffer.from(kept);
    AnyCodec.encodeTransient(anyOf(200, 2));
    expect(kept).toEqual(before);
  });

  test("of what generated code can't write, is protobuf-es's", () => {
    const { byteLength } = AnyCodec.encodeTransient({ typeUrl: 5 as never });
    expect(byteLength).toBe(3);
  });
});

describe("decode", () => {
  test("gives bytes as Uint8Array, which are views of what was decoded", () => {
    for (const codec of [AnyCodec, reflectCodec(AnySchema)]) {
      const bytes = codec.encode(anyOf(20, 3));
      const { value } = codec.decode(bytes);
      expect(Buffer.isBuffer(value)).toBe(false);
      bytes[bytes.length - 1] = 77;
      expect(value[19]).toBe(77);
    }
  });

  test("reads a part of a buffer", () => {
    const bytes = Buffer.concat([Buffer.from("before"), toBinary(AnySchema, anyOf(20, 3)), Buffer.from("behind")]);
    expect(AnyCodec.decode(bytes.subarray(6, -6))).toEqual(anyOf(20, 3));
  });

  test("throws what protobuf-es throws", () => {
    const truncated = Uint8Array.of(0x0a, 5, 0x61);
    let error: unknown;
    try {
      fromBinary(AnySchema, truncated);
    } catch (caught) {
      error = caught;
    }
    expect(error).toBeInstanceOf(RangeError);
    expect(() => AnyCodec.decode(truncated)).toThrow(error as RangeError);
  });
});

test("an interpreter of descriptors has the same interface", () => {
  const [reflected, generated] = [reflectCodec(AnySchema), defineCodec(AnySchema, readAny, writeAny)];
  const message = anyOf(5, 5);
  expect(reflected.encode({ typeUrl: "type/5", value: message.value })).toEqual(generated.encode(message));
  expect(reflected.encodeTransient(message).byteLength).toBe(generated.encodeTransient(message).byteLength);
  expect(reflected.decode(generated.encode(message))).toEqual(message);
});
