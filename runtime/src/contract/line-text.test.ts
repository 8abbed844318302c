import { describe, expect, it } from "vitest";
import { lineText } from "./line-text.js";

/** All code points, in texts of 256, and halves of pairs each by itself. */
const BLOCKS = Array.from({ length: 0x110000 / 256 }, (_, block) => block * 256);

/** What has no place in a line: general categories, as Unicode names them. */
const FORBIDDEN = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\p{Bidi_Control}\u00AD\u200B\u2060\uFEFF\u{E0001}\u{E0020}-\u{E007F}]/u;

const each = (block: number) => Array.from({ length: 256 }, (_, i) => String.fromCodePoint(block + i));

describe("over all code points", () => {
  it("leaves nothing in a line that ends it, turns it around, can't be seen or can't be encoded", () => {
    const wrong = BLOCKS.flatMap(each).filter((character) => FORBIDDEN.test(lineText(`a${character}b`)));
    expect(wrong).toEqual([]);
  });

  it("is read back from a literal of JSON as it was", () => {
    const texts = BLOCKS.map((block) => each(block).join("|").replace(/["\\]/g, ""));
    expect(texts.filter((text) => JSON.parse(`"${lineText(text)}"`) !== text)).toEqual([]);
  });

  it("changes nothing in what it has written", () => {
    const written = BLOCKS.map((block) => lineText(each(block).join("|")));
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
