import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { fromText } from "@bufbuild/protobuf/txtpb";
import { type AnySchema, anyPack } from "@bufbuild/protobuf/wkt";
import { describe, expect, it } from "vitest";
import { Color, EverythingSchema, NestedSchema } from "../../test-support/gen/probe/v1/probe_pb.js";
import { payloadText } from "./payload-text.js";

const text = (init: MessageInitShape<typeof EverythingSchema>, limit?: number): string =>
  payloadText(EverythingSchema, create(EverythingSchema, init), limit);

const nested = (init: MessageInitShape<typeof NestedSchema>) => create(NestedSchema, init);

describe("the text", () => {
  it.each<[MessageInitShape<typeof EverythingSchema>, string]>([
    [{}, ""],
    [{ text: 'a "b" \\ \n\tc\u2028' }, 'text: "a \\"b\\" \\\\ \\n\\tc\\u2028"'],
    [{ presence: 0 }, "presence: 0"],
    [{ big: 18446744073709551615n }, "big: 18446744073709551615"],
    [{ ratio: Number.NEGATIVE_INFINITY }, "ratio: -inf"],
    [{ ratio: Number.NaN, flag: true }, "ratio: nan flag: true"],
    [{ raw: Uint8Array.of(0, 65, 34, 255) }, 'raw: "\\000A\\042\\377"'],
    [{ color: Color.RED }, "color: COLOR_RED"],
    [{ color: 99 as Color }, "color: 99"],
    [{ tags: ["a", "b"], numbers: [1, 2] }, 'tags: "a" tags: "b" numbers: 1 numbers: 2'],
    [{ labels: { a: "1" } }, 'labels { key: "a" value: "1" }'],
    [{ nestedByNumber: { 7: { name: "n" } } }, 'nested_by_number { key: 7 value { name: "n" } }'],
    [{ choice: { case: "left", value: "" } }, 'left: ""'],
    [{ choice: { case: "right", value: { name: "r" } } }, 'right { name: "r" }'],
    [{ duration: { seconds: 5n } }, "duration { seconds: 5 }"],
    [{ wrapped: 3 }, "wrapped { value: 3 }"],
    [
      { struct: { a: 1, b: ["x"] } },
      'struct { fields { key: "a" value { number_value: 1 } } fields { key: "b" value { list_value { values { string_value: "x" } } } } }',
    ],
    [
      { any: anyPack(NestedSchema, nested({ name: "packed" })) },
      'any { [type.googleapis.com/probe.v1.Nested] { name: "packed" } }',
    ],
  ])("of %o", (init, expected) => {
    expect(text(init)).toBe(expected);
  });

  it("is protobuf's text format", () => {
    const message = create(EverythingSchema, {
      text: 'a "b" \\ \n',
      raw: Uint8Array.of(0, 65, 255),
      ratio: 1.5,
      labels: { a: "1", b: "2" },
      nestedByNumber: { 7: { name: "n", children: [{ name: "x" }, {}] } },
      choice: { case: "left", value: "l" },
      wrapped: 3,
    });
    expect(fromText(EverythingSchema, payloadText(EverythingSchema, message))).toEqual(message);
  });
});

describe("debug_redact", () => {
  it("hides fields of every kind, wherever they are", () => {
    const secret = "hush";
    const redacted = text({
      choice: { case: "hidden", value: secret },
      secrets: [secret, secret],
      secretLabels: { a: secret },
      secretNested: { name: secret },
      nestedByNumber: { 1: { password: secret, child: { password: secret }, children: [{ password: secret }] } },
      any: anyPack(NestedSchema, nested({ name: "shown", password: secret })),
      anys: [anyPack(NestedSchema, nested({ child: { password: secret } }))],
    });
    expect(redacted).not.toContain(secret);
    expect(redacted.match(/\[REDACTED\]/g)).toHaveLength(9);
    expect(redacted).toContain('name: "shown" password: [REDACTED]');
  });

  it("hides what is packed in an Any of a type that isn't known", () => {
    const unknown: MessageInitShape<typeof AnySchema> = {
      typeUrl: "type.googleapis.com/nope.Nope",
      value: Buffer.from("hush"),
    };
    expect(text({ any: unknown })).toBe("any { [type.googleapis.com/nope.Nope] { # 4 bytes } }");
    const broken: MessageInitShape<typeof AnySchema> = {
      typeUrl: "type.googleapis.com/probe.v1.Nested",
      value: Uint8Array.of(0x0a, 0xff),
    };
    expect(text({ any: broken })).toBe("any { [type.googleapis.com/probe.v1.Nested] { # 2 bytes } }");
  });

  it("doesn't show that a redacted field is empty or absent", () => {
    expect(text({ secrets: [] })).toBe("");
  });
});

describe("the limit", () => {
  it("cuts the text, not within a character", () => {
    expect(text({ text: "x".repeat(5000) })).toHaveLength(2049);
    expect(text({ text: "x".repeat(100) }, 20)).toBe(`text: "${"x".repeat(13)}…`);
    for (let limit = 8; limit < 14; limit += 1) {
      expect(text({ text: "😀😀😀😀" }, limit)).toMatch(/^text: "(😀)*…$/u);
    }
  });

  it("is where the looking ends", () => {
    let looked = 0;
    const tags = new Proxy(
      Array.from({ length: 10_000 }, () => "tag"),
      {
        get(target, key, receiver) {
          looked += /^\d+$/.test(String(key)) ? 1 : 0;
          return Reflect.get(target, key, receiver);
        },
      },
    );
    expect(text({ tags }, 100)).toMatch(/^(tags: "tag" )+ta?.*…$/);
    expect(looked).toBeLessThan(100);
  });

  it("ends cycles", () => {
    const cycle = nested({ name: "c" });
    cycle.child = cycle;
    expect(payloadText(NestedSchema, cycle)).toMatch(/^name: "c" child \{/);
    expect(payloadText(NestedSchema, cycle, Number.POSITIVE_INFINITY)).toContain("}");
  });
});
