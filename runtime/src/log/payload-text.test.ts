import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { fromText } from "@bufbuild/protobuf/txtpb";
import { AnySchema, anyPack } from "@bufbuild/protobuf/wkt";
import { describe, expect, it } from "vitest";
import { CODE_POINT_TEXTS, UNFIT_FOR_A_LINE } from "../../test-support/code-points.js";
import { Color, EverythingSchema, NestedSchema } from "../../test-support/gen/probe/v1/probe_pb.js";
import { codecsOf } from "../codec/method-codecs.js";
import { payloadText } from "./payload-text.js";

const text = (init: MessageInitShape<typeof EverythingSchema>, limit?: number): string =>
  payloadText(EverythingSchema, create(EverythingSchema, init), limit);

const nested = (init: MessageInitShape<typeof NestedSchema>) => create(NestedSchema, init);

type Init = MessageInitShape<typeof EverythingSchema>;

const TEXTS: [Init, string][] = [
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
    { struct: { a: null, b: true, c: { d: -1.5 }, e: [] } },
    'struct { fields { key: "a" value { null_value: NULL_VALUE } } fields { key: "b" value { bool_value: true } } ' +
      'fields { key: "c" value { struct_value { fields { key: "d" value { number_value: -1.5 } } } } } ' +
      'fields { key: "e" value { list_value { } } } }',
  ],
  [
    { any: anyPack(NestedSchema, nested({ name: "packed" })) },
    'any { [type.googleapis.com/probe.v1.Nested] { name: "packed" } }',
  ],
];

/** The text of the same message, but packed in an `Any`: it is made from bytes. */
function packedText(init: Init, limit?: number, redact?: ReadonlySet<string>): string {
  const any = anyPack(EverythingSchema, create(EverythingSchema, init));
  return payloadText(EverythingSchema, create(EverythingSchema, { any }), limit, redact);
}

const packed = (expected: string) =>
  `any { [type.googleapis.com/probe.v1.Everything] {${expected && ` ${expected}`} } }`;

describe("the text", () => {
  it.each(TEXTS)("of %o", (init, expected) => {
    expect(text(init)).toBe(expected);
  });

  it.each(TEXTS)("of bytes that are %o", (init, expected) => {
    expect(packedText(init)).toBe(packed(expected));
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
    expect(text({ secrets: [], secretLabels: {} })).toBe("");
  });

  it("hides an enum's value", () => {
    expect(text({ secretNested: {} })).toBe("secret_nested: [REDACTED]");
  });
});

describe("fields that are named", () => {
  const SECRET = "4111";
  const card = { name: SECRET };
  const NAMES = new Set(["probe.v1.Nested.name"]);

  it.each<[string, Init, string]>([
    ["nested", { choice: { case: "right", value: card } }, "right { name: [REDACTED] }"],
    [
      "repeated",
      { anys: [anyPack(NestedSchema, nested({ children: [card, card] }))] },
      "anys { [type.googleapis.com/probe.v1.Nested] { children { name: [REDACTED] } children { name: [REDACTED] } } }",
    ],
    [
      "in maps",
      { nestedByNumber: { 1: { child: card } } },
      "nested_by_number { key: 1 value { child { name: [REDACTED] } } }",
    ],
    [
      "in an Any in an Any",
      { any: anyPack(EverythingSchema, create(EverythingSchema, { any: anyPack(NestedSchema, nested(card)) })) },
      "any { [type.googleapis.com/probe.v1.Everything] { any { [type.googleapis.com/probe.v1.Nested] { name: [REDACTED] } } } }",
    ],
  ])("are hidden: %s", (_where, init, expected) => {
    expect(payloadText(EverythingSchema, create(EverythingSchema, init), 2048, NAMES)).toBe(expected);
    expect(packedText(init, 2048, NAMES)).toBe(packed(expected));
  });

  it("are of every kind", () => {
    const all: Init = {
      text: SECRET,
      presence: 4111,
      big: 4111n,
      ratio: 4111,
      flag: true,
      raw: Buffer.from(SECRET),
      color: 4111 as Color,
      tags: [SECRET, SECRET],
      numbers: [4111, 4111],
      labels: { [SECRET]: SECRET },
      nestedByNumber: { 4111: card },
      choice: { case: "left", value: SECRET },
      any: anyPack(NestedSchema, nested(card)),
      duration: { seconds: 4111n },
      struct: { [SECRET]: SECRET },
      wrapped: 4111,
      anys: [{ typeUrl: SECRET }],
    };
    const names = EverythingSchema.fields.map(({ name }) => name).filter((name) => text(all).includes(`${name}`));
    const redact = new Set(names.map((name) => `probe.v1.Everything.${name}`));
    const shown = payloadText(EverythingSchema, create(EverythingSchema, all), 2048, redact);
    expect(shown).not.toContain(SECRET);
    expect(shown.match(/\[REDACTED\]/g)).toHaveLength(Object.keys(all).length);
    expect(packedText(all, 2048, redact)).toBe("any: [REDACTED]");
    redact.delete("probe.v1.Everything.any");
    expect(packedText({ ...all, any: {} }, 2048, redact)).toBe(packed(shown.replace("any: [REDACTED]", "any { }")));
  });
});

describe("what isn't known", () => {
  it.each<[string, MessageInitShape<typeof AnySchema>, string]>([
    ["an Any without a type", { value: Buffer.from("hush") }, "any { # 4 bytes }"],
    ["an empty Any", {}, "any { }"],
    [
      "a type that isn't there",
      { typeUrl: "type.googleapis.com/nope.Nope", value: Buffer.from("hush") },
      "any { [type.googleapis.com/nope.Nope] { # 4 bytes } }",
    ],
    [
      "fields of another type",
      { typeUrl: "x/probe.v1.Nested", value: Uint8Array.of(0x38, 0x05, 0x3a, 0x01, 0x41, 0x0a, 0x01, 0x42) },
      'any { [x/probe.v1.Nested] { name: "B" # 2 unknown fields } }',
    ],
    [
      "a wire type that isn't the field's",
      { typeUrl: "x/probe.v1.Nested", value: Uint8Array.of(0x08, 0x41) },
      "any { [x/probe.v1.Nested] { # 1 unknown field } }",
    ],
    [
      "a type URL that would pass for fields",
      { typeUrl: 'a] { } secret: "b"\n{"level":50}\u2028', value: Uint8Array.of(1) },
      'any { ["a] { } secret: \\"b\\"\\n{\\"level\\":50}\\u2028"] { # 1 bytes } }',
    ],
    [
      "a type URL without end",
      { typeUrl: `${"x".repeat(1000)}/probe.v1.Nested`, value: Uint8Array.of(1) },
      `any { ["${"x".repeat(513)}"] { # 1 bytes } }`,
    ],
  ])("is counted: %s", (_what, any, expected) => {
    expect(text({ any })).toBe(expected);
    expect(packedText({ any })).toBe(packed(expected));
  });

  it("is counted: unknown fields of a message", () => {
    const unknown = [1, 2].map((no) => ({ no: 1000 + no, wireType: 2, data: Buffer.from("\u0004hush") }));
    const message = Object.assign(create(EverythingSchema, { text: "a" }), { $unknown: unknown });
    expect(payloadText(EverythingSchema, message)).toBe('text: "a" # 2 unknown fields');
  });

  // Bytes that end where no message ends, or have what no message has; each behind a field that is whole.
  it.each<[string, number[]]>([
    ["a text that is longer than all", [0x0a, 0x7f, 0x41]],
    ["half a number", [0x18, 0x80]],
    ["no field's number", [0x00]],
    ["a wire type that there isn't", [0x0f]],
    ["a group that doesn't end", [0x0b, 0x08, 0x01]],
    ["a group that hasn't begun", [0x0c]],
    ["no UTF-8", [0x0a, 0x01, 0xff]],
    ["half a character", [0x0a, 0x01, 0xc3]],
    ["a message within that is broken", [0x1a, 0x02, 0x0a, 0x05]],
  ])("is counted: %s", (_what, broken) => {
    const value = Uint8Array.of(0x12, 4, ...Buffer.from("hush"), 0x0a, 4, ...Buffer.from("show"), ...broken);
    expect(text({ any: { typeUrl: "x/probe.v1.Nested", value } })).toBe(
      `any { [x/probe.v1.Nested] { # ${value.length} bytes } }`,
    );
  });
});

/** Says where, in a line that isn't fit. */
function expectFit(line: string): void {
  if (UNFIT_FOR_A_LINE.test(line)) {
    expect(line).not.toMatch(UNFIT_FOR_A_LINE);
  }
}

describe("over all code points", () => {
  it("texts stay within their line, wherever they are", () => {
    const everywhere = (foreign: string): Init => ({
      text: foreign,
      tags: ["a", foreign],
      labels: { [foreign]: foreign },
      struct: { [foreign]: [foreign] },
      any: anyPack(NestedSchema, nested({ name: foreign })),
      anys: [{ typeUrl: foreign, value: Uint8Array.of(1) }],
    });
    for (const foreign of CODE_POINT_TEXTS) {
      expectFit(text({ text: foreign }, 10_000));
    }
    for (const foreign of CODE_POINT_TEXTS.filter((all) => UNFIT_FOR_A_LINE.test(all))) {
      expectFit(text({ labels: { [foreign]: foreign }, struct: { [foreign]: [foreign] } }, 10_000));
      if (!/\p{Cs}/u.test(foreign)) {
        expectFit(packedText(everywhere(foreign), 20_000));
      }
    }
  });

  it("is read back as it was", () => {
    // Halves of pairs can't be in a message, and in protobuf's text format a pair is no two escapes: the first plane is enough.
    const texts = CODE_POINT_TEXTS.slice(0, 256).filter((all) => !/\p{Cs}/u.test(all));
    for (const foreign of texts) {
      const message = create(EverythingSchema, { text: foreign, labels: { [foreign]: foreign } });
      const back = fromText(EverythingSchema, payloadText(EverythingSchema, message, 10_000));
      if (back.text !== foreign || back.labels[foreign] !== foreign) {
        expect(back).toEqual(message);
      }
    }
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

  /** A list that can't be looked at from some item on. */
  const unreadFrom = <Item>(end: number, item: Item): Item[] =>
    new Proxy(
      Array.from({ length: 10_000 }, () => item),
      {
        get(target, key, receiver) {
          if (typeof key === "string" && Number(key) >= end) {
            throw new Error("was looked at");
          }
          return Reflect.get(target, key, receiver);
        },
      },
    );

  /** A map whose keys can't be listed. */
  const unlisted = (): Record<string, never> =>
    new Proxy(
      {},
      {
        ownKeys() {
          throw new Error("was listed");
        },
      },
    );

  it.each<[string, Init]>([
    ["repeated texts", { tags: unreadFrom(30, "tag") }],
    ["repeated numbers", { numbers: unreadFrom(30, 7) }],
    ["repeated messages", { anys: unreadFrom(30, create(AnySchema, { typeUrl: "a/b" })) }],
    ["items of JSON", { struct: { list: unreadFrom(30, "x") } }],
    ["JSON in JSON", { struct: { list: unreadFrom(30, { a: [] }) } }],
  ])("is where the looking ends: %s", (_what, init) => {
    const message = Object.assign(create(EverythingSchema), init);
    expect(payloadText(EverythingSchema, message, 100)).toHaveLength(101);
  });

  /** A message whose bytes go on with what nobody can read. */
  const unreadable = (init: Init): Uint8Array =>
    Buffer.concat([toBinary(EverythingSchema, create(EverythingSchema, init)), Buffer.alloc(100_000, 0xff)]);

  it.each<[string, Init]>([
    ["texts", { tags: Array.from({ length: 100 }, () => "tag") }],
    ["numbers", { numbers: Array.from({ length: 100 }, (_, i) => i) }],
    ["maps", { labels: Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`k${i}`, "v"])) }],
    ["JSON", { struct: Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`k${i}`, i])) }],
    ["messages", { anys: Array.from({ length: 100 }, () => ({ typeUrl: "a/b" })) }],
    ["a text", { text: "ü".repeat(1000) }],
    ["bytes", { raw: new Uint8Array(1000) }],
  ])("is where the decoding of an Any ends: %s", (_what, init) => {
    const any = { typeUrl: "x/probe.v1.Everything", value: unreadable(init) };
    const shown = text({ any }, 200);
    expect(shown).toHaveLength(201);
    expect(shown).toMatch(/^any \{ \[x\/probe.v1.Everything\] \{ \w+/);
    // The whole of it would have been decoded in vain.
    expect(text({ any }, Number.POSITIVE_INFINITY)).toBe(
      `any { [x/probe.v1.Everything] { # ${any.value.length} bytes } }`,
    );
  });

  it.each<[string, number[]]>([
    ["unknown fields", [0xf8, 0x07, 0x01]],
    ["hidden fields", [0x9a, 0x01, 0x01, 0x41]],
    ["fields in an unknown group", [0x08, 0x01]],
  ])("is where the skipping ends: %s", (what, field) => {
    const fields = Array.from({ length: 5000 }, () => field).flat();
    const group = what.endsWith("group") ? [0xfb, 0x07] : [];
    const value = Uint8Array.of(...group, ...fields, 0xff);
    expect(text({ any: { typeUrl: "x/probe.v1.Everything", value } }, 1000)).toMatch(/^any .*…$/);
  });

  describe("of messages with large maps", () => {
    const { request: codec } = codecsOf({ input: EverythingSchema, output: EverythingSchema }, {});
    const entries = Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`key-${i}`, "value"]));
    const init: Init = { text: "begins", labels: entries, struct: entries, nestedByNumber: { 1: { name: "n" } } };

    it.each<[string, () => ReturnType<typeof codec.decode>]>([
      ["that were decoded", () => codec.decode(toBinary(EverythingSchema, create(EverythingSchema, init)))],
      [
        "that were encoded",
        () => {
          const message = create(EverythingSchema, init);
          codec.encode(message);
          return message;
        },
      ],
      [
        "that were encoded in passing",
        () => {
          const message = create(EverythingSchema, init);
          codec.encodeTransient(message);
          codec.encodeTransient(create(EverythingSchema, { text: "another" }));
          return message;
        },
      ],
    ])("doesn't list the keys of those %s", (_how, make) => {
      const message = make();
      const expected = payloadText(EverythingSchema, create(EverythingSchema, init));
      Object.assign(message, { labels: unlisted(), struct: unlisted(), nestedByNumber: unlisted() });
      expect(payloadText(EverythingSchema, message)).toBe(expected);
      expect(payloadText(EverythingSchema, message, 100)).toBe(`${expected.slice(0, 100)}…`);
    });

    it("hides there what is to be hidden", () => {
      const secrets = Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`k${i}`, "hush"]));
      const bytes = toBinary(
        EverythingSchema,
        create(EverythingSchema, {
          labels: { a: "hush" },
          choice: { case: "hidden", value: "hush" },
          secretLabels: secrets,
        }),
      );
      const redact = new Set(["probe.v1.Everything.labels"]);
      const message = codec.decode(bytes);
      expect(payloadText(EverythingSchema, message, 2048, redact)).toBe(
        "labels: [REDACTED] hidden: [REDACTED] secret_labels: [REDACTED]…",
      );
    });

    it("shows what a message is by now, if it was encoded anew", () => {
      const message = create(EverythingSchema, init);
      codec.encode(message);
      message.labels = {};
      message.struct = {};
      codec.encode(message);
      expect(payloadText(EverythingSchema, message)).toBe(
        'text: "begins" nested_by_number { key: 1 value { name: "n" } } struct { }',
      );
    });

    it("looks at the message itself if more is to be shown than is remembered", () => {
      const message = codec.decode(toBinary(EverythingSchema, create(EverythingSchema, init)));
      expect(payloadText(EverythingSchema, message, 10_000_000)).toContain('key: "key-4999"');
    });
  });

  it("ends cycles", () => {
    const cycle = nested({ name: "c" });
    cycle.child = cycle;
    expect(payloadText(NestedSchema, cycle)).toMatch(/^name: "c" child \{/);
    expect(payloadText(NestedSchema, cycle, Number.POSITIVE_INFINITY)).toContain("}");
  });
});
