import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { openTerminal, wrap } from "./terminal.js";

describe("wrap", () => {
  it("keeps every character but the spaces that it breaks at, in lines that fit", () => {
    const words = fc.array(fc.stringMatching(/^[a-z]{1,30}$/), { maxLength: 20 }).map((list) => list.join(" "));
    fc.assert(
      fc.property(words, fc.integer({ min: 4, max: 40 }), (text, width) => {
        const lines = wrap(text, width);
        expect(lines.join("").replaceAll(" ", "")).toBe(text.replaceAll(" ", ""));
        expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(width);
      }),
    );
  });
});

describe("openTerminal", () => {
  const stream = (isTTY: boolean, columns?: number) => ({ isTTY, columns, write: () => true }) as never;

  it("colours for a person, and not for a file", () => {
    expect(openTerminal(stream(true), {}).paint("text", "good")).toBe("\u001b[32mtext\u001b[0m");
    expect(openTerminal(stream(false), {}).paint("text", "good")).toBe("text");
  });

  it("respects NO_COLOR and FORCE_COLOR", () => {
    expect(openTerminal(stream(true), { NO_COLOR: "1" }).paint("text", "good")).toBe("text");
    expect(openTerminal(stream(false), { FORCE_COLOR: "1" }).paint("text", "good")).toBe("\u001b[32mtext\u001b[0m");
  });

  it("is as wide as the terminal, within reason", () => {
    expect(openTerminal(stream(true, 140), {}).width).toBe(140);
    expect(openTerminal(stream(true, 20), {}).width).toBe(60);
    expect(openTerminal(stream(false), {}).width).toBe(100);
  });
});
