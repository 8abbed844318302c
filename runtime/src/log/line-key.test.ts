import fc from "fast-check";
import { expect, it } from "vitest";
import { jsonString } from "./json-text.js";
import { lineKey } from "./line-key.js";

it("writes each value as it is, whatever was written before", () => {
  const text = fc.oneof(fc.constantFrom("", "a", "b", '"', "é", "x".repeat(500)), fc.string());
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.constantFrom("peer", "path", '"odd"'), text)), (fields) => {
      for (const [key, value] of fields) {
        expect(lineKey(key).withText(value)).toBe(`,${jsonString(key)}:${jsonString(value)}`);
      }
    }),
  );
});

it("knows a limited number of keys, and writes others as well", () => {
  for (let number = 0; number < 1000; number += 1) {
    expect(lineKey(`key${number}`).withText("v")).toBe(`,"key${number}":"v"`);
  }
});
