import { describe, expect, it } from "vitest";
import {
  durationText,
  enumeration,
  methodName,
  numberLiteral,
  propertyAccess,
  propertyKey,
  propertyName,
  stringLiteral,
  templateText,
} from "./text.js";

// What is emitted is code, so it is evaluated as code.
const evaluate = (code: string): unknown => new Function(`return ${code}`)();

const HOSTILE = [
  "plain",
  'a "quote"',
  "it's",
  `\`$${"{x}"}\``,
  "back\\slash\\",
  "a\nb\r\tc",
  "\u2028\u2029\u0001\ufeff",
  "\ud800",
  "💥",
  "*/",
];

describe("stringLiteral", () => {
  it.each(HOSTILE)("gives %j back when it is evaluated", (text) => {
    expect(evaluate(stringLiteral(text))).toBe(text);
  });

  it("takes the quotes that need fewer escapes", () => {
    expect(stringLiteral("x")).toBe('"x"');
    expect(stringLiteral('say "x"')).toBe(`'say "x"'`);
    expect(stringLiteral(`it's "x`)).toBe(`"it's \\"x"`);
  });
});

describe("templateText", () => {
  it.each(HOSTILE)("gives %j back when it is evaluated", (text) => {
    expect(evaluate(`\`${templateText(text)}\``)).toBe(text);
  });

  it("may be followed by a placeholder, whatever it ends with", () => {
    for (const text of ["$", "\\", "`", "$$"]) {
      expect(evaluate(`((x) => \`${templateText(text)}\${x}\`)(1)`)).toBe(`${text}1`);
    }
  });
});

describe("names of properties", () => {
  it("are quoted only where they must be", () => {
    expect(propertyName("request_id")).toBe("request_id");
    expect(propertyName("transfer.amount")).toBe('"transfer.amount"');
    expect(propertyName("1st")).toBe('"1st"');
    expect(propertyAccess("a")).toBe(".a");
    expect(propertyAccess("a-b")).toBe('["a-b"]');
  });

  it("don't set a literal's prototype", () => {
    expect(evaluate(`Object.keys({ ${propertyKey("__proto__")}: 1 })`)).toEqual(["__proto__"]);
  });

  it("don't make a constructor of a method", () => {
    expect(methodName("new")).toBe('"new"');
    expect(methodName("transfer")).toBe("transfer");
  });
});

describe("numberLiteral", () => {
  it.each([
    [0, "0"],
    [500, "500"],
    [5_000, "5_000"],
    [1_048_576, "1_048_576"],
    [0.1, "0.1"],
    [1234.5, "1234.5"],
  ])("writes %d as %s", (value, text) => {
    expect(numberLiteral(value)).toBe(text);
    expect(evaluate(text)).toBe(value);
  });
});

describe("durationText", () => {
  it.each([
    [0, "0ms"],
    [1, "1ms"],
    [500, "500ms"],
    [5_000, "5s"],
    [90_000, "1m30s"],
    [3_600_000, "1h"],
    [3_661_001, "1h1m1s1ms"],
    [0.5, "0.5ms"],
  ])("writes %d ms as %s", (ms, text) => {
    expect(durationText(ms)).toBe(text);
  });
});

describe("enumeration", () => {
  it("joins names as a sentence does", () => {
    expect([[], ["A"], ["A", "B"], ["A", "B", "C"]].map(enumeration)).toEqual(["", "A", "A and B", "A, B and C"]);
  });
});
