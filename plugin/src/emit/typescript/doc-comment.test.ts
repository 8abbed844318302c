import { describe, expect, it } from "vitest";
import { docComment, firstSentence } from "./doc-comment.js";

describe("docComment", () => {
  it("is one line where it can be", () => {
    expect(docComment("  ", ["Moves money."])).toBe("  /** Moves money. */\n");
  });

  it("puts an empty line between paragraphs, and none between tags", () => {
    expect(docComment("", ["Moves money.", undefined, "", { tags: ["@deprecated", "@see x"] }])).toBe(
      "/**\n * Moves money.\n *\n * @deprecated\n * @see x\n */\n",
    );
  });

  it("keeps the lines of a proto's comment", () => {
    expect(docComment("", ["One\ntwo\r\nthree\n\n  code"])).toBe("/**\n * One\n * two\n * three\n *\n *   code\n */\n");
  });

  it("is nothing if there is nothing to say", () => {
    expect(docComment("", [undefined, "", { tags: [] }, { fill: "" }])).toBe("");
  });

  it("can't be ended by what is in it", () => {
    const comment = docComment("", ["x */ throw 1 /* y", { tags: ["@see */"] }]);
    expect(comment.indexOf("*/")).toBe(comment.length - 3);
  });

  it("contains no characters that the layout would take for its own", () => {
    expect(docComment("", ["a\u0001b\u0007c"])).toBe("/** a\\u0001b\\u0007c */\n");
  });

  it("fills its own sentences up to the width of a line, and splits no link", () => {
    const links = Array.from({ length: 12 }, (_, index) => `{@link Some${index} Error}`).join(", ");
    const lines = docComment("  ", [{ fill: `Raises ${links}.` }]).split("\n");
    expect(lines.every((line) => line.length <= 120)).toBe(true);
    expect(lines.join("\n").match(/\{@link Some\d+ Error\}/g)).toHaveLength(12);
    expect(lines.length).toBeLessThan(8);
  });
});

describe("firstSentence", () => {
  it.each([
    [undefined, undefined],
    ["Moves money.", "Moves money."],
    ["Moves\nmoney. Fast.", "Moves money."],
    ["No end\n\nNext paragraph.", "No end"],
    ["Version 1.2 of it. Really.", "Version 1.2 of it."],
  ])("of %j is %j", (comment, sentence) => {
    expect(firstSentence(comment)).toBe(sentence);
  });
});
