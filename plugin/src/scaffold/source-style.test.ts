import { describe, expect, it } from "vitest";
import { DEFAULT_STYLE, sourceStyle } from "./source-style.js";

describe("the style of a file", () => {
  it("is the default where nothing shows it", () => {
    expect(sourceStyle("")).toEqual(DEFAULT_STYLE);
  });

  it.each([
    ["a\nb", "\n"],
    ["a\r\nb\r\nc\n", "\r\n"],
    ["a\nb\nc\r\n", "\n"],
    ["a\rb", "\r"],
  ])("has the line ends of most lines: %j", (text, lineEnd) => {
    expect(sourceStyle(text).lineEnd).toBe(lineEnd);
  });

  it.each([
    ["class A {\n\tx = 1;\n}", "\t"],
    ["class A {\n\t\tx = 1;\n}", "\t"],
    ["/**\n * Doc.\n */\nclass A {\n    x = 1;\n  }", "    "],
    ["class A {}", "  "],
  ])("has the indentation of the first indented line: %j", (text, indent) => {
    expect(sourceStyle(text).indent).toBe(indent);
  });

  it.each([
    [`import 'a';\nimport x from 'b';\nimport "c";`, "'"],
    [`import 'a';\nimport "c";`, '"'],
    [`const a = 'b';`, '"'],
  ])("has the quotes of most imports: %j", (text, quote) => {
    expect(sourceStyle(text).quote).toBe(quote);
  });

  it.each([
    ['import "a"\nconst b = c()\n', false],
    ['import "a";\nconst b = c();\nreturn x\n', true],
    ["class A {\n  x() {}\n}", true],
    ["  return [\n    1,\n  ]\n  throw new Error(`x`)", false],
  ])("has semicolons, or none: %j", (text, semicolons) => {
    expect(sourceStyle(text).semicolons).toBe(semicolons);
  });

  it.each([
    ["x".repeat(80), 80],
    ["x".repeat(81), 100],
    ["x".repeat(101), 120],
    [`import { ${"x".repeat(101)} } from "y"\n// ${"x".repeat(101)}\n * ${"x".repeat(101)}`, 80],
  ])("is as wide as its code", (text, width) => {
    expect(sourceStyle(text).lineWidth).toBe(width);
  });
});
