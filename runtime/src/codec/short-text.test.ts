import { expect, test } from "vitest";
import { LONGEST_OTHER, readOther } from "./short-text.js";
import { readUtf8, writeUtf8 } from "./utf8.js";

test("other text is decoded as Node decodes it", () => {
  for (const text of [
    "ü",
    "grüße",
    "Привет, мир",
    "日本語",
    "\u07ff\u0800\ud7ff\ue000\uffff",
    "é".repeat(LONGEST_OTHER / 2),
  ]) {
    const bytes = Buffer.from(`-${text}-`);
    expect(readOther(bytes, 1, bytes.length - 1)).toBe(text);
  }
});

test("each malformed sequence of two or three bytes is left", () => {
  for (let first = 0x80; first <= 0xff; first++) {
    for (const second of [0x00, 0x41, 0x7f, 0x80, 0x9f, 0xa0, 0xbf, 0xc0, 0xff]) {
      for (const third of [0x41, 0x80, 0xbf, 0xc0]) {
        const bytes = Buffer.of(first, second, third);
        const decoded = readOther(bytes, 0, 3);
        const expected = attempt(() => readUtf8(bytes, 0, 3, true));
        // Four bytes are Node's, well-formed or not.
        expect(decoded).toBe(first >= 0xf0 ? undefined : expected);
      }
    }
  }
});

test("sequences that the text's end cuts are left", () => {
  expect(readOther(Buffer.of(0xc3, 0xa4), 0, 1)).toBeUndefined();
  expect(readOther(Buffer.of(0xe6, 0x97, 0xa5), 0, 2)).toBeUndefined();
  expect(readOther(Buffer.of(0xe6, 0x97, 0xa5), 0, 1)).toBeUndefined();
});

test("lone surrogates are written as U+FFFD", () => {
  const bytes = Buffer.alloc(16);
  expect(writeUtf8(bytes, "a\ud800b", 1)).toBe(5);
  expect(bytes.subarray(1, 6)).toEqual(Buffer.from("a\ufffdb"));
});

function attempt(run: () => string): string | undefined {
  try {
    return run();
  } catch {
    return undefined;
  }
}
