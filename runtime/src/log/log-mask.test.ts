import { expect, it } from "vitest";
import { maskHash, maskLast4, maskLength } from "./log-mask.js";

it("hashes, so that equal values stay recognisable", () => {
  // The first 16 digits of the SHA-256 of "abc".
  expect(maskHash("abc")).toBe("ba7816bf8f01cfea");
  expect(maskHash(Buffer.from("abc"))).toBe("ba7816bf8f01cfea");
  expect(maskHash(12n)).toBe(maskHash("12"));
  expect(maskHash(undefined)).toBeUndefined();
});

it("shows the last four characters of values that are long enough", () => {
  expect(maskLast4("DE89370400440532013000")).toBe("***3000");
  expect(maskLast4("1234567")).toBe("***");
  expect(maskLast4("")).toBe("***");
  expect(maskLast4(12345678n)).toBe("***5678");
  expect(maskLast4("1234😀😀😀😀")).toBe("***😀😀😀😀");
  expect(maskLast4(Uint8Array.of(1, 2, 3, 4))).toBe("***0304");
  expect(maskLast4("😀😀😀😀😀😀😀😀")).toBe("***😀😀😀😀");
  expect(maskLast4("😀😀😀😀😀😀😀")).toBe("***");
  expect(maskLast4(Uint8Array.of(1, 2, 3))).toBe("***");
  expect(maskLast4(`${"x".repeat(1_000_000)}1234`)).toBe("***1234");
  expect(maskLast4(undefined)).toBeUndefined();
});

it("tells the length", () => {
  expect(maskLength("héllo😀")).toBe(6);
  expect(maskLength("\ud83d\ud83d\ude00\ude00")).toBe(3);
  expect(maskLength(Uint8Array.of(1, 2, 3))).toBe(3);
  expect(maskLength(undefined)).toBeUndefined();
});
