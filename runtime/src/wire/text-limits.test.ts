import { describe, expect, it } from "vitest";
import { cutToBytes, statusMessage, utf8Length, wellFormed } from "./text-limits.js";

it("replaces lone surrogates, and leaves pairs alone", () => {
  expect(wellFormed("a\uD83Db\uDE00c😀")).toBe("a\uFFFDb\uFFFDc😀");
});

describe("cutToBytes", () => {
  it.each([
    ["fits", 10, "fits"],
    ["exactly", 7, "exactly"],
    ["one too long", 11, "one too …"],
    ["üüüüüüüü", 10, "üüü…"],
    ["💰💰💰💰", 12, "💰💰…"],
    ["💰💰💰💰", 5, "💰"],
    ["💰", 3, ""],
    ["abc", 0, ""],
  ])("cuts %j to %d bytes", (text, bytes, expected) => {
    const cut = cutToBytes(text, bytes);
    expect(utf8Length(cut)).toBeLessThanOrEqual(bytes);
    expect(cut).toBe(expected);
  });

  it("cuts between two characters, wherever it is", () => {
    const text = "aü€💰".repeat(5);
    for (let bytes = 0; bytes <= utf8Length(text); bytes += 1) {
      const cut = cutToBytes(text, bytes);
      expect(utf8Length(cut)).toBeLessThanOrEqual(bytes);
      expect(text.startsWith(cut.replace(/…$/, ""))).toBe(true);
    }
    expect(cutToBytes(text, utf8Length(text))).toBe(text);
  });
});

describe("statusMessage", () => {
  it.each(["short", "x".repeat(1024), "ü".repeat(170)])("leaves what fits as it is", (text) => {
    expect(statusMessage(text)).toBe(text);
  });

  it.each(["x".repeat(5000), "ü".repeat(5000), "💰 %\n".repeat(2000), `\uD83D${"x".repeat(5000)}`])(
    "cuts what is longer than 1 KiB on the wire",
    (text) => {
      const message = statusMessage(text);
      const wire = encodeURI(message);
      expect(wire.length).toBeLessThanOrEqual(1024);
      expect(wire.length).toBeGreaterThan(980);
      expect(message.endsWith("…")).toBe(true);
    },
  );
});
