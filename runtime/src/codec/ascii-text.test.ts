import { expect, test } from "vitest";
import { LONGEST_ASCII, readAscii } from "./ascii-text.js";

const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUV";

test("ASCII of every length is decoded where it stands", () => {
  for (let size = 0; size <= LONGEST_ASCII; size++) {
    const bytes = Buffer.from(`--${letters.slice(0, size)}--`);
    expect(readAscii(bytes, 2, size)).toBe(letters.slice(0, size));
  }
});

test("what isn't ASCII is left, wherever it stands", () => {
  for (let at = 0; at < LONGEST_ASCII; at++) {
    const bytes = Buffer.from(letters);
    bytes[at] = 0x80;
    expect(readAscii(bytes, 0, LONGEST_ASCII)).toBeUndefined();
  }
});

test("what follows the text isn't looked at", () => {
  for (let size = 0; size <= LONGEST_ASCII; size++) {
    const bytes = Buffer.concat([Buffer.from(letters.slice(0, size)), Buffer.alloc(48, 0xff)]);
    expect(readAscii(bytes, 0, size)).toBe(letters.slice(0, size));
  }
});

test("longer text is left", () => {
  expect(readAscii(Buffer.from(letters), 0, LONGEST_ASCII + 1)).toBeUndefined();
});
