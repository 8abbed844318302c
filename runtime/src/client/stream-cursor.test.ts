import { create, type DescField, type DescMethod, type MessageInitShape } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { EverythingSchema } from "../../test-support/gen/probe/v1/probe_pb.js";
import { StreamCursor } from "./stream-cursor.js";

type Init = MessageInitShape<typeof EverythingSchema>;

/** Of a method that takes and gives `Everything`: its fields have all the types that there are. */
function cursorBy(name: "presence" | "big"): StreamCursor<typeof EverythingSchema, typeof EverythingSchema> {
  const method = { input: EverythingSchema, output: EverythingSchema } as unknown as DescMethod;
  return new StreamCursor(method as never, { from: name, with: name });
}

const everything = (init: Init) => create(EverythingSchema, init);

describe("a cursor", () => {
  it.each([
    ["a number that may be left out", "presence", [3, 4, 4, 9], { presence: 9 }],
    ["a number of 64 bits", "big", [3n, 4n, 2n ** 63n], { big: 2n ** 63n }],
  ] as const)("by %s asks for what comes after the last", (_what, name, values, expected) => {
    const cursor = cursorBy(name);
    for (const value of values) {
      expect(cursor.passes(everything({ [name]: value }))).toBe(true);
    }
    const first: Init = { text: "kept", [name]: 1 };
    const request = cursor.resumed(first);
    expect(request).toMatchObject({ text: "kept", ...expected });
    expect(first).toEqual({ text: "kept", [name]: 1 });
    const replayed = values.map((value) => cursor.passes(everything({ [name]: value })));
    expect(replayed).toEqual(values.map(() => false));
  });

  it("counts from 0 where the field may be left out, and from 1 where it can't", () => {
    const optional = cursorBy("presence");
    expect(optional.passes(everything({ presence: 0 }))).toBe(true);
    expect(optional.resumed({})).toMatchObject({ presence: 0 });
    expect([0, undefined, 1].map((presence) => optional.passes(everything({ presence } as Init)))).toEqual([
      false,
      true,
      true,
    ]);
    const always = cursorBy("big");
    expect(always.passes(everything({ big: 0n }))).toBe(true);
    expect(always.resumed({ text: "as it was" })).toEqual({ text: "as it was" });
    expect(always.passes(everything({ big: 0n }))).toBe(true);
  });

  it("takes 64 bits as text where the proto has them so", () => {
    const asText = { ...EverythingSchema.field.big, longAsString: true } as unknown as DescField;
    const method = {
      input: { ...EverythingSchema, field: { big: asText } },
      output: { ...EverythingSchema, field: { big: asText } },
    } as unknown as DescMethod;
    const cursor = new StreamCursor(method as never, { from: "big", with: "big" });
    expect(cursor.passes({ big: "9" } as never)).toBe(true);
    expect(cursor.passes({ big: "10" } as never)).toBe(true);
    expect(cursor.resumed({} as never)).toMatchObject({ big: "10" });
    expect(cursor.passes({ big: "10" } as never)).toBe(false);
    expect(cursor.passes({ big: "11" } as never)).toBe(true);
  });

  it("needs its fields", () => {
    const method = { input: EverythingSchema, output: EverythingSchema } as unknown as DescMethod;
    expect(() => new StreamCursor(method as never, { from: "gone", with: "big" })).toThrow(
      "probe.v1.Everything has no field gone, by which the contract resumes streams: generate the code anew",
    );
  });
});
