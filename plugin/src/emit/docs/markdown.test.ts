import { describe, expect, it } from "vitest";
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
    ["a <b> & *c* [d](e) `f` #1 | ~x~", "a \\<b\\> & \\*c\\* \\[d\\](e) \\`f\\` \\#1 \\| \\~x\\~"],
    ["INSUFFICIENT_FUNDS", "INSUFFICIENT_FUNDS"],
    ["_private_ __x__ a_", "\\_private\\_ \\_\\_x\\_\\_ a\\_"],
    ["&lt; AT&T", "\\&lt; AT&T"],
    ["two\nlines", "two lines"],
  ])("%j", (text, expected) => {
    expect(plain(text)).toBe(expected);
  });
});

describe("prose", () => {
  it("keeps Markdown, and code as it is", () => {
    const comment =
      "A *list*:\n- `Map<string>`\n- [link](a.md), <https://example.com/x>\n\n```ts\nlet a: A<b>;\n# x\n```";
    expect(prose(comment)).toBe(comment);
  });

  it("has no HTML", () => {
    expect(prose("a <b>x</b> `<i>` <script>")).toBe("a \\<b>x\\</b> `<i>` \\<script>");
  });

  it("has no headings and rules", () => {
    expect(prose("# a\n## b\n#1 stays\ntext\n---\ntext\n===\nx\n=\ny\n-\n***\n* * *\n- item")).toBe(
      "\\# a\n\\## b\n#1 stays\ntext\n\\---\ntext\n\\===\nx\n\\=\ny\n\\-\n\\***\n\\* * *\n- item",
    );
  });

  it("ends a block of code that its author left open", () => {
    expect(prose("x\n````\n```\ny")).toBe("x\n````\n```\ny\n````");
  });
});

describe("cell", () => {
  it.each([
    ["a | b", "a \\| b"],
    ["a \\| b", "a \\| b"],
    ["a \\\\| b", "a \\\\\\| b"],
    ["a\n b", "a b"],
  ])("%j", (text, expected) => {
    expect(cell(text)).toBe(expected);
  });
});
