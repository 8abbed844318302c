import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { tagsOf } from "./html.fixture.js";
import { cell, code, plain, prose } from "./markdown.js";

describe("code", () => {
  it.each([
    ["ledger.v1", "`ledger.v1`"],
    ["a `b` c", "``a `b` c``"],
    ["`b`", "`` `b` ``"],
    ["``", "``` `` ```"],
    [" x ", "`  x  `"],
    ["a\n  b", "`a b`"],
    ["", ""],
  ])("%j", (text, expected) => {
    expect(code(text)).toBe(expected);
  });
});

describe("plain", () => {
  it.each([
    ["Balance {balance} is below {amount}", "Balance {balance} is below {amount}"],
    ["a <b> & *c* [d](e) `f` #1 | ~x~", "a &lt;b\\> & \\*c\\* \\[d\\](e) \\`f\\` \\#1 \\| \\~x\\~"],
    ["INSUFFICIENT_FUNDS", "INSUFFICIENT_FUNDS"],
    ["_private_ __x__ a_", "\\_private\\_ \\_\\_x\\_\\_ a\\_"],
    ["&lt; AT&T", "\\&lt; AT&T"],
    ["two\nlines", "two lines"],
    ["https://example.com/[a](b) a@b.c www.b.c", "https\\://example.com/\\[a\\](b) a\\@b.c www\\.b.c"],
  ])("%j", (text, expected) => {
    expect(plain(text)).toBe(expected);
  });
});

describe("prose", () => {
  it("keeps Markdown, and code as it is", () => {
    const comment =
      "A *list*, **strong**, ~~gone~~:\n\n- `Map<string>`\n- [link](a.md), <https://example.com/x>\n\n```ts\nlet a: A<b>;\n# x\n```\n\n| a | b |\n| :- | - |\n| c | `d\\|e` |";
    expect(prose(comment)).toBe(comment);
  });

  it("leaves names and prices as they are", () => {
    expect(prose("INSUFFICIENT_FUNDS of AT&T: {key} costs $5 (100%), at 10:30, a/b.")).toBe(
      "INSUFFICIENT_FUNDS of AT\\&T: {key} costs $5 (100%), at 10:30, a/b.",
    );
  });

  it("prints sentences as they are, whether they are parsed or not", () => {
    const word = fc.constantFrom(
      "a",
      "B2",
      " ",
      ", ",
      ".",
      "-",
      "(",
      ")",
      "/",
      "'",
      '"',
      "?",
      "snake_case",
      "\n",
      "\n\n",
      "www",
      "_",
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 12 }), (words) => {
        const text = words.join("");
        // What is behind a code span has to be parsed.
        const parsed = prose(`${text}\n\n\`x\``);
        if (prose(text) === text) {
          expect(parsed).toBe(text === "" ? "`x`" : `${text}\n\n\`x\``);
        }
      }),
      { numRuns: 300 },
    );
  });

  it("has no HTML", () => {
    expect(prose("a <b>x</b> `<i>` <script>")).toBe("a &lt;b>x&lt;/b> `<i>` &lt;script>");
    expect(prose("<div onclick=evil()>\n*a*\n</div>\n\nb")).toBe("&lt;div onclick=evil()>\n\\*a\\*\n&lt;/div>\n\nb");
  });

  // Ways around escaping line by line.
  it.each([
    "``` `<b>`\n<b>",
    "`` ` <b> ``` `",
    "\\`<b>\\`",
    "`a\nb` `<b>\n`",
    "\\\\<b>",
    "~~~ `\n<b>\n~~~~\n<b>",
    "x ` a|<b>\n:-:|:-:\n`",
    "| `a | <b>` |\n|-|-|",
    "> <b>\n<b>",
    "[x]: <b>\n\n<b>",
    "<!-- x --> <b> <?php <b> ?> <!X <b>>",
    "&lt;b&gt; &amp;lt;b>",
    "https://example.com/<b>",
    "https://example.com/\\<b>",
    "www.example.com\\<b>",
  ])("has none in %j", (comment) => {
    expect(tagsOf(prose(comment)).filter((tag) => tag === "b")).toEqual([]);
  });

  it("has no headings and rules", () => {
    expect(prose("# a\n## b `c`\n#1 stays\n\ntext\n---\n***\n* * *\n- item")).toBe(
      "**a**\n\n**b `c`**\n\n\\#1 stays\n\n**text**\n\n- item",
    );
  });

  it("ends a block of code that its author left open", () => {
    expect(prose("x\n````\n```\ny")).toBe("x\n\n````\n```\ny\n````");
  });

  it.each([
    ["javascript:alert(1)"],
    ["JaVaScRiPt:alert(1)"],
    ["java&#x73;cript:alert(1)"],
    ["javascript&colon;alert(1)"],
    ["&#1;javascript:alert(1)"],
    ["java&#10;script:alert(1)"],
    ["data:text/html,<b>"],
    ["vbscript:x"],
    ["file:///etc/passwd"],
    ["blob:https://x"],
    ["view-source:javascript:x"],
  ])("leads nowhere by %s", (url) => {
    expect(prose(`[a](${url})`)).toBe("a");
    expect(prose(`[*a*][x] ![b][x]\n\n[x]: ${url} "t"`)).toBe("*a* b");
    expect(prose(`![a](${url})`)).toBe("a");
    expect(tagsOf(prose(`<${url}>`))).not.toContain("a");
  });

  it.each(["https://example.com/a?b=c&d", "http://x", "mailto:a@example.com", "a.md", "#a", "../a", "//example.com"])(
    "leads to %s",
    (url) => {
      expect(prose(`[a](${url})`)).toContain("[a](");
    },
  );
});

describe("cell", () => {
  it.each([
    ["a | b", "a \\| b"],
    ["a \\| b", "a \\| b"],
    ["a \\\\| b", "a \\\\\\| b"],
    ["a\n b", "a b"],
    ["- a\n- b", "a b"],
    ["~~~a`<b>\n~~~", ""],
    ["```\n<b>|\n```", "`<b>\\|`"],
  ])("%j", (text, expected) => {
    expect(cell(text)).toBe(expected);
  });
});
