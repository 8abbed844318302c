import { RE2JS } from "@bufbuild/re2";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { UnknownRule } from "./rule-set.js";
import { safePattern } from "./safe-pattern.js";

const IN_LINEAR_TIME = [
  "^[A-Z]{2}[0-9]*$",
  "^[a-z][a-z0-9-]*[a-z0-9]$",
  "^(?:foo|bar|ba)z?$",
  "^\\d+(\\.\\d+)?$",
  "^\\+?[1-9]\\d{1,14}$",
  "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$",
  "^.$",
  "^[^\\s]*$",
  "^\\w+@\\w+$",
  "abc",
  "^$",
  "",
  "[0-9]{3}",
];

// What JavaScript's engine may take more than linear time for, or can't be said in its language.
const LEFT_TO_RE2 = [
  ...["^(a+)+$", "^(a|a)*$", "^(a|aa)+$", "^(a*)*$", "a+$", "^a*a*$", "^(a?){30}a{30}$", ".*b"],
  ...["(?i)a", "\\pL", "[[:alpha:]]", "\\bword", "^a|b", "\\Qa.b\\E", "\\x41", "a**", "(?P<name>a)", "\\z"],
  // No pattern at all.
  ...["(", "[", "a{2,1}", "*", "\\1", "(?=a)"],
];

describe("a pattern of RE2's", () => {
  it.each(IN_LINEAR_TIME)("%s is an expression of JavaScript's", (pattern) => {
    expect(() => new RegExp(safePattern(pattern), "u")).not.toThrow();
  });

  it.each(LEFT_TO_RE2)("%s is left to protovalidate", (pattern) => {
    expect(() => safePattern(pattern)).toThrow(UnknownRule);
  });

  const atom = fc.constantFrom(
    "a",
    "b",
    "-",
    "\\.",
    ".",
    "[ab]",
    "[^a]",
    "\\d",
    "\\s",
    "\\W",
    "[a-c\\d]",
    "é",
    "😀",
    "/",
  );
  const count = fc.constantFrom("", "", "?", "*", "+", "{2}", "{1,3}", "{2,}", "*?");
  const pattern = fc.letrec<{ sequence: string; part: string }>((tie) => ({
    sequence: fc.array(tie("part"), { maxLength: 4 }).map((parts) => parts.join("")),
    part: fc
      .tuple(
        fc.oneof(
          { depthSize: "small" },
          atom,
          tie("sequence").map((inner) => `(${inner})`),
          fc.tuple(tie("sequence"), tie("sequence")).map(([one, other]) => `(?:${one}|${other})`),
        ),
        count,
      )
      .map((parts) => parts.join("")),
  })).sequence;
  const anchored = fc.tuple(fc.constantFrom("", "^"), pattern, fc.constantFrom("", "$")).map((parts) => parts.join(""));
  const text = fc.string({
    unit: fc.constantFrom("a", "b", "c", "1", "-", ".", " ", "\n", "\v", "é", "😀", "/", "\u2028"),
  });

  it("matches in JavaScript what it matches in RE2", () => {
    let compared = 0;
    fc.assert(
      fc.property(anchored, fc.array(text, { minLength: 5, maxLength: 5 }), (re2, texts) => {
        let expression: RegExp;
        try {
          expression = new RegExp(safePattern(re2), "u");
        } catch (error) {
          expect(error).toBeInstanceOf(UnknownRule);
          return;
        }
        const matcher = RE2JS.compile(re2);
        for (const each of texts) {
          compared++;
          expect(expression.test(each)).toBe(matcher.test(each));
        }
      }),
      { numRuns: 600 },
    );
    expect(compared).toBeGreaterThan(500);
  });

  it("takes steps in JavaScript that grow no faster than the text", () => {
    // What an engine that goes back would take far longer for than any test lasts.
    for (const each of IN_LINEAR_TIME) {
      const expression = new RegExp(safePattern(each), "u");
      for (const letter of ["a", "A", "1", "-"]) {
        expect(expression.test(`${letter.repeat(50_000)}!`)).toBeTypeOf("boolean");
      }
    }
  });
});
