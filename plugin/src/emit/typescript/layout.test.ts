import { describe, expect, it } from "vitest";
import { layOut } from "./layout.js";
import {
  braces,
  brackets,
  choice,
  huggingParentheses,
  indented,
  parentheses,
  typeArguments,
  typeLiteral,
  typeParameters,
  union,
} from "./layout-group.js";
import type { Printable } from "./typescript-file.js";

const a = "a".repeat(50);
const b = "b".repeat(50);
const c = "c".repeat(50);

function laidOut(...printables: Printable[]): string {
  return layOut(printables.map(textOf).join(""));
}

function textOf(printable: Printable): string {
  return Array.isArray(printable) ? printable.map(textOf).join("") : String(printable);
}

describe("layOut", () => {
  it("leaves text without groups alone", () => {
    expect(layOut("const x = 1;\n\n  y();\n")).toBe("const x = 1;\n\n  y();\n");
  });

  it("keeps on a line what fits", () => {
    expect(laidOut("f", parentheses(["x", "y"]), ";\n")).toBe("f(x, y);\n");
    expect(laidOut("f", parentheses([]), ";")).toBe("f();");
    expect(laidOut("[", brackets(["x"]), braces(["x", "y: 1"]), "]")).toBe("[[x]{ x, y: 1 }]");
    expect(laidOut("type T =", union(["A", "B"]), ";")).toBe("type T = A | B;");
    expect(laidOut("type T =", union([]), ";")).toBe("type T = never;");
    expect(laidOut("type T = ", typeLiteral(["a: A", "b: B"]), ";")).toBe("type T = { a: A; b: B };");
    expect(laidOut("x =", choice(" c", "1", "2"), ";")).toBe("x = c ? 1 : 2;");
  });

  it("gives each item a line, with a trailing comma, if they don't fit", () => {
    expect(laidOut("f", parentheses([a, b, c]), ";\n")).toBe(`f(\n  ${a},\n  ${b},\n  ${c},\n);\n`);
    expect(laidOut("[", braces([a, b, c]), "]")).toBe(`[{\n  ${a},\n  ${b},\n  ${c},\n}]`);
    expect(laidOut("F", typeParameters([a, b, c]), ";")).toBe(`F<\n  ${a},\n  ${b},\n  ${c},\n>;`);
  });

  it("puts no comma behind the last type argument, and a semicolon behind the last member", () => {
    expect(laidOut("F", typeArguments([a, b, c]), ";")).toBe(`F<\n  ${a},\n  ${b},\n  ${c}\n>;`);
    expect(laidOut("type T = ", typeLiteral([a, b, c]), ";")).toBe(`type T = {\n  ${a};\n  ${b};\n  ${c};\n};`);
  });

  it("starts the lines of a union with a bar", () => {
    expect(laidOut("type T =", union([a, b, c]), ";")).toBe(`type T =\n  | ${a}\n  | ${b}\n  | ${c};`);
  });

  it("indents by the line on which a group starts", () => {
    expect(laidOut("x;\n    f", parentheses([a, b, c]), ";\n")).toBe(
      `x;\n    f(\n      ${a},\n      ${b},\n      ${c},\n    );\n`,
    );
  });

  it("lays out each line by itself", () => {
    const fitting = ["f", parentheses(["x", "y"]), ";\n"];
    const broken = ["  f", parentheses([a, b, c]), ";\n"];
    expect(laidOut("// 1\n", fitting, broken, "// 2\n\n", fitting)).toBe(
      `// 1\nf(x, y);\n  f(\n    ${a},\n    ${b},\n    ${c},\n  );\n// 2\n\nf(x, y);\n`,
    );
  });

  it("breaks a group that holds a line break, and goes on behind it", () => {
    const arrow = ["() => {\n", "    return 1;\n", "  }"];
    expect(laidOut("f", parentheses([arrow]), ";\ng", parentheses(["x"]), ";\n")).toBe(
      "f(\n  () => {\n    return 1;\n  },\n);\ng(x);\n",
    );
  });

  it("breaks the outer group first, and the inner one only if it has to", () => {
    const inner = ["g", parentheses([b, c])];
    expect(laidOut("f", parentheses([a, inner]), ";")).toBe(`f(\n  ${a},\n  g(${b}, ${c}),\n);`);
    expect(laidOut("f", parentheses([a, ["g", parentheses([a, b, c])]]), ";")).toBe(
      `f(\n  ${a},\n  g(\n    ${a},\n    ${b},\n    ${c},\n  ),\n);`,
    );
  });

  it("breaks a later group rather than an earlier one that fits up to it", () => {
    expect(laidOut("f", parentheses([a]), parentheses([b, c]), ";")).toBe(`f(${a})(\n  ${b},\n  ${c},\n);`);
  });

  it("counts what follows a group up to the next possible break", () => {
    const tail = "t".repeat(30);
    expect(laidOut("f", parentheses([a, "x".repeat(34)]), tail)).toHaveLength(1 + 50 + 2 + 34 + 2 + 30);
    expect(laidOut("f", parentheses([a, "x".repeat(36)]), tail)).toContain("\n");
  });

  it("counts the comma that will follow an item", () => {
    // With the comma, the inner call has 121 columns.
    const inner = ["g", parentheses(["x".repeat(115)])];
    expect(laidOut("f", parentheses([inner]), ";")).toBe(`f(\n  g(\n    ${"x".repeat(115)},\n  ),\n);`);
    const shorter = ["g", parentheses(["x".repeat(114)])];
    expect(laidOut("f", parentheses([shorter]), ";")).toBe(`f(\n  g(${"x".repeat(114)}),\n);`);
  });

  it("breaks only the last argument if that is enough", () => {
    expect(laidOut("f", huggingParentheses([a, braces([b, c])]), ";")).toBe(`f(${a}, {\n  ${b},\n  ${c},\n});`);
    expect(laidOut("f", huggingParentheses([a, b, ["c", braces([c])]]), ";")).toBe(`f(${a}, ${b}, c{\n  ${c},\n});`);
  });

  it("breaks all arguments if what is before the last doesn't fit", () => {
    expect(laidOut("f", huggingParentheses([a, b, c, braces(["x"])]), ";")).toBe(
      `f(\n  ${a},\n  ${b},\n  ${c},\n  { x },\n);`,
    );
  });

  it("moves a value to the next line if it doesn't fit behind its name", () => {
    expect(laidOut("const x =", indented("1"), ";")).toBe("const x = 1;");
    expect(laidOut(`const ${a} =`, indented(`"${b}${c}"`), ";")).toBe(`const ${a} =\n  "${b}${c}";`);
  });

  it("breaks a choice below its condition", () => {
    expect(laidOut("x:", indented(choice(a, b, c)), ",")).toBe(`x:\n  ${a}\n    ? ${b}\n    : ${c},`);
  });

  it("counts East Asian characters as two columns", () => {
    expect(laidOut("f", parentheses([`"${"口".repeat(56)}"`]), ";")).not.toContain("\n");
    expect(laidOut("f", parentheses([`"${"口".repeat(60)}"`]), ";")).toContain("\n");
  });
});
