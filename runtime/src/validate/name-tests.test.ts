import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isEmail, isTrimmedUuid, isUlid, isUuid } from "./name-tests.js";

// The expressions are written so as to be matched fast. These are the grammars as their authors write them.
const GRAMMARS = [
  [
    "e-mail addresses, as HTML has them",
    isEmail,
    /^[a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]+@[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*$/,
    "a@b.c-",
    70,
  ],
  ["UUIDs", isUuid, /^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$/, "09afAFgG-", 38],
  ["trimmed UUIDs", isTrimmedUuid, /^[0-9a-fA-F]{32}$/, "09afAFgG-", 34],
  ["ULIDs", isUlid, /^[0-7][0-9A-HJKMNP-TV-Za-hjkmnp-tv-z]{25}$/, "0789AHIJKLMNOPTUVZahijklmnoptuvz", 28],
] as const;

describe.each(GRAMMARS)("%s", (_, test, grammar, characters, longest) => {
  it("are what their grammar says, of any texts of their characters", () => {
    const character = fc.constantFrom(...characters);
    fc.assert(
      fc.property(fc.string({ unit: character, maxLength: longest }), (text) => test(text) === grammar.test(text)),
      { numRuns: 2_000 },
    );
  });

  it("and of texts that are almost right", () => {
    const right = fc.stringMatching(grammar, { maxLength: 200 }).filter((text) => text.length < 200);
    const edit = fc.record({ at: fc.nat(), with: fc.constantFrom("", "-", ".", "@", "g", "0", "--", "é") });
    fc.assert(
      fc.property(right, fc.array(edit, { maxLength: 2 }), (text, edits) => {
        const edited = edits.reduce((now, { at, with: insert }) => {
          const place = at % (now.length + 1);
          return now.slice(0, place) + insert + now.slice(place + (at % 2));
        }, text);
        return test(edited) === grammar.test(edited);
      }),
      { numRuns: 2_000 },
    );
    expect(test(fc.sample(right, 1)[0] ?? "")).toBe(true);
  });
});

describe("e-mail addresses", () => {
  it.each([
    ["a".repeat(62), true],
    ["a".repeat(63), true],
    ["a".repeat(64), false],
    [`${"a".repeat(63)}.${"b".repeat(63)}`, true],
    [`${"a".repeat(63)}.${"b".repeat(64)}`, false],
    ["a--b", true],
    ["a-.b", false],
    ["a.-b", false],
    ["a..b", false],
    ["", false],
  ])("have hosts whose labels have 63 characters at the most: %s", (host, isOne) => {
    expect(isEmail(`x@${host}`)).toBe(isOne);
    expect(isEmail(`${"x".repeat(70)}@${host}`)).toBe(isOne);
  });
});
