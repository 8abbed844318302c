import { describe, expect, it } from "vitest";
import { CODE_POINT_TEXTS, CODE_POINTS, UNFIT_FOR_A_LINE } from "../../test-support/code-points.js";
import { lineText } from "./line-text.js";

describe("over all code points", () => {
  it("leaves nothing in a line that ends it, turns it around, can't be seen or can't be encoded", () => {
    const wrong = CODE_POINTS.flat().filter((character) => UNFIT_FOR_A_LINE.test(lineText(`a${character}b`)));
    expect(wrong).toEqual([]);
  });

  it("is read back from a literal of JSON as it was", () => {
    const texts = CODE_POINT_TEXTS.map((text) => text.replace(/["\\]/g, ""));
    expect(texts.filter((text) => JSON.parse(`"${lineText(text)}"`) !== text)).toEqual([]);
  });

  it("changes nothing in what it has written", () => {
    const written = CODE_POINT_TEXTS.map(lineText);
    expect(written.filter((text) => lineText(text) !== text)).toEqual([]);
  });
});

it.each([
  ["", ""],
  ["plain", "plain"],
  ["a\nb\r\tc", "a\\u000ab\\u000d\\u0009c"],
  ["\u001b[31m \u009b31m \u007f", "\\u001b[31m \\u009b31m \\u007f"],
  ["\u2028\u2029\u0085", "\\u2028\\u2029\\u0085"],
  ["\u202eevil\u2066", "\\u202eevil\\u2066"],
  ["a\u200bb\ufeff", "a\\u200bb\\ufeff"],
  ["\u{E0041}", "\\udb40\\udc41"],
  ["\ud83d", "\\ud83d"],
  ["\ude00\ud83d", "\\ude00\\ud83d"],
  // What people write stays: emoji with joiners, scripts that need joiners, accents, quotes, backslashes.
  ["👩‍👩‍👧 می‌خواهم ñ é \u0301 ۝ \"'\\", "👩‍👩‍👧 می‌خواهم ñ é \u0301 ۝ \"'\\"],
])("writes %j", (text, expected) => {
  expect(lineText(text)).toBe(expected);
});
