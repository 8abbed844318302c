import { padStyled, styledWidth, type TextStyle, wrapText } from "./text-style.js";

/** A piece of a page: a title, and lines below it. */
export interface TextSection {
  readonly title: string;
  /** What stands at the other end of the title's line. */
  readonly note?: string;
  /** Styled; none wider than {@link contentWidth}. */
  readonly lines: readonly string[];
}

/** A page: its style, and how wide it is in all. */
export interface TextPage {
  readonly style: TextStyle;
  readonly width: number;
}

/** The columns that a section's lines may take. */
export function contentWidth({ width }: TextPage): number {
  return width - 4;
}

/** Prints sections: as boxes below each other where there is colour, else as titles with indented lines. */
export function renderSections(sections: readonly TextSection[], page: TextPage): string {
  const render = page.style.isColored ? renderBox : renderPlain;
  return sections.map((section) => `${render(section, page).join("\n")}\n`).join(page.style.isColored ? "" : "\n");
}

/** Facts below each other: a label, and behind it text that wraps in its own column. */
export function factLines(facts: readonly (readonly [label: string, text: string])[], page: TextPage): string[] {
  const width = facts.reduce((longest, [label]) => Math.max(longest, styledWidth(label)), 0);
  return facts.flatMap(([label, text]) =>
    wrapText(text, contentWidth(page) - width - 2).map((line, index) =>
      `${page.style.dim(padStyled(index === 0 ? label : "", width))}  ${line}`.trimEnd(),
    ),
  );
}

/**
 * Rows in columns: each but the last is as wide as its widest cell. Where that is wider than there is room, a row's cells
 * simply follow each other, and wrap.
 */
export function columnLines(rows: readonly (readonly string[])[], width: number): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, index) => {
      widths[index] = Math.max(widths[index] ?? 0, styledWidth(cell));
    });
  }
  const lines = rows.map((row) => row.map((cell, index) => padStyled(cell, widths[index] ?? 0)).join("  "));
  return lines.every((line) => styledWidth(line.trimEnd()) <= width)
    ? lines.map((line) => line.trimEnd())
    : rows.flatMap((row) => hangingLines(row.filter((cell) => cell !== "").join(", "), width));
}

/** Text in lines, all but the first indented. */
export function hangingLines(text: string, width: number): string[] {
  return wrapText(text, width - 2).map((line, index) => (index === 0 ? line : `  ${line}`));
}

function renderBox({ title, note = "", lines }: TextSection, { style, width }: TextPage): string[] {
  const end = note === "" ? "─╮" : ` ${note} ─╮`;
  const room = width - 5 - styledWidth(end);
  const fits = styledWidth(title) <= room;
  const shown = fits ? title : `…${title.slice(-Math.max(1, room - 1))}`;
  const rule = "─".repeat(Math.max(1, room + 1 - styledWidth(shown)));
  const top = `${style.dim("╭─ ")}${style.bold(shown)} ${style.dim(`${rule}${end}`)}`;
  const bottom = style.dim(`╰${"─".repeat(width - 2)}╯`);
  const edge = style.dim("│");
  const whole = fits ? [] : [...wrapText(title, width - 4), ""];
  return [top, ...[...whole, ...lines].map((line) => `${edge} ${padStyled(line, width - 4)} ${edge}`), bottom];
}

function renderPlain({ title, note, lines }: TextSection): string[] {
  const heading = note === undefined || note === "" ? title : `${title} (${note})`;
  return [heading, ...lines.map((line) => (line === "" ? "" : `  ${line}`))];
}
