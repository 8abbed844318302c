import { expect, it } from "vitest";
import { CODE_POINT_TEXTS, UNFIT_FOR_A_LINE } from "../../test-support/code-points.js";
import { fieldText } from "./field-text.js";

it.each([
  ["fits", 10, "fits"],
  ["a\nb", 10, "a\\u000ab"],
  ["one too long", 11, "one too …"],
  ["\n\n\n", 10, "\\u000a\\…"],
  ["12345678😀", 9, "123456…"],
  ["x".repeat(4_000_000), 9, "xxxxxx…"],
])("writes %j in %d bytes", (text, bytes, expected) => {
  expect(fieldText(text, bytes)).toBe(expected);
});

it("stays within its line and its limit, over all code points", () => {
  const wrong = CODE_POINT_TEXTS.filter((text) => {
    const field = fieldText(text, 700);
    return UNFIT_FOR_A_LINE.test(field) || Buffer.byteLength(field) > 700;
  });
  expect(wrong).toEqual([]);
});
