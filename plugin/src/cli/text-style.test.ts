import { describe, expect, it } from "vitest";
import { padStyled, plainText, styledWidth, styleOf, wrapText } from "./text-style.js";

const style = styleOf(true);

describe("styled text", () => {
  it("is as wide as what is seen", () => {
    expect(styledWidth(style.bold(style.red("abc")))).toBe(3);
    expect(styledWidth("日本")).toBe(4);
    expect(padStyled(style.red("ab"), 4)).toBe(`${style.red("ab")}  `);
    expect(padStyled("abcde", 4)).toBe("abcde");
  });

  it("has no codes without colour, or without text", () => {
    expect(styleOf(false).red("a")).toBe("a");
    expect(style.red("")).toBe("");
  });

  it("wraps at blanks, and keeps what is styled as one together", () => {
    expect(wrapText("aaa bbb ccc", 7)).toEqual(["aaa bbb", "ccc"]);
    expect(wrapText("one\ntwo", 7)).toEqual(["one", "two"]);
    expect(wrapText("a\n\nb", 7)).toEqual(["a", "", "b"]);
    expect(wrapText(`aaaa ${style.bold("b c")}.`, 7)).toEqual(["aaaa", `${style.bold("b c")}.`]);
    expect(wrapText("日本 日本", 8)).toEqual(["日本", "日本"]);
  });

  it("is cut where one word is longer than a line", () => {
    expect(wrapText("ab cdefghij", 4)).toEqual(["ab", "cdef", "ghij"]);
    expect(wrapText(`a ${style.bold(style.cyan("bcdef"))},`, 4)).toEqual([
      "a",
      style.bold(style.cyan("bcde")),
      `${style.bold(style.cyan("f"))},`,
    ]);
  });
});

describe("text of a user's", () => {
  it("can't steer the terminal", () => {
    expect(plainText("a\u001b[31mb\u001b]0;title\u0007c\u0008\u009bd\ne\tf")).toBe(
      "a\\u001b[31mb\\u001b]0;title\\u0007c\\u0008\\u009bd\ne f",
    );
    expect(plainText("grün – ok\n")).toBe("grün – ok\n");
  });
});
