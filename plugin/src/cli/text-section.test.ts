import { stripVTControlCharacters } from "node:util";
import { expect, it } from "vitest";
import { renderSections } from "./text-section.js";
import { styledWidth, styleOf } from "./text-style.js";

const TITLE = "acme.v1.AServiceWithANameThatIsLongerThanATerminalIsWide/AndAMethod";

it("keeps a box in its width when the title is longer: the end on the edge, and the whole inside", () => {
  const text = renderSections([{ title: TITLE, note: "unary", lines: ["x"] }], { style: styleOf(true), width: 40 });
  const lines = text.trimEnd().split("\n");
  expect(lines.map(styledWidth)).toEqual(lines.map(() => 40));
  expect(lines.map(stripVTControlCharacters)).toEqual([
    "╭─ …TerminalIsWide/AndAMethod ─ unary ─╮",
    "│ acme.v1.AServiceWithANameThatIsLonge │",
    "│ rThanATerminalIsWide/AndAMethod      │",
    "│                                      │",
    "│ x                                    │",
    "╰──────────────────────────────────────╯",
  ]);
});

it("has the whole title where it fits", () => {
  const text = renderSections([{ title: TITLE, note: "unary", lines: [] }], { style: styleOf(true), width: 81 });
  expect(stripVTControlCharacters(text)).toMatch(new RegExp(`^╭─ ${TITLE} ─ unary ─╮\n`));
});
