/** Wider columns aren't padded: a line would be mostly blanks. */
const WIDEST = 100;

/**
 * Pads the cells of each Markdown table so that its columns line up in the source. Everything else stays as it is, what is
 * in a fenced code block too.
 */
export function alignTables(markdown: string): string {
  const lines = markdown.split("\n");
  const aligned: string[] = [];
  let fenced = false;
  for (let start = 0; start < lines.length; ) {
    const line = lines[start] ?? "";
    fenced = /^ {0,3}(`{3,}|~{3,})/.test(line) ? !fenced : fenced;
    const end = fenced ? start : endOfTable(lines, start);
    if (end > start) {
      aligned.push(...alignTable(lines.slice(start, end)));
      start = end;
    } else {
      aligned.push(line);
      start++;
    }
  }
  return aligned.join("\n");
}

const ROW = /^\|.*\|$/;
const DELIMITER = /^\|(?:\s*:?-+:?\s*\|)+$/;

/** Where the table that starts at a line ends: the line itself if none does. */
function endOfTable(lines: readonly string[], start: number): number {
  if (!ROW.test(lines[start] ?? "") || !DELIMITER.test(lines[start + 1] ?? "")) {
    return start;
  }
  let end = start + 2;
  while (ROW.test(lines[end] ?? "")) {
    end++;
  }
  return end;
}

function alignTable(lines: readonly string[]): string[] {
  const rows = lines.map(cellsOf);
  const delimiters = rows[1] ?? [];
  const content = rows.filter((_, index) => index !== 1);
  const widths = delimiters.map((_, column) => {
    const widest = Math.max(3, ...content.map((row) => widthOf(row[column] ?? "")));
    return widest > WIDEST ? 3 : widest;
  });
  return rows.map((row, index) => {
    const cells = widths.map((width, column) => {
      const text = row[column] ?? "";
      return index === 1 ? delimiter(text, width) : text + " ".repeat(Math.max(0, width - widthOf(text)));
    });
    return `| ${cells.join(" | ")} |`;
  });
}

function cellsOf(line: string): string[] {
  return line
    .slice(1, -1)
    .split(/(?<!\\)\|/)
    .map((text) => text.trim());
}

function delimiter(text: string, width: number): string {
  const dashes = "-".repeat(width);
  return `${text.startsWith(":") ? ":" : "-"}${dashes.slice(2)}${text.endsWith(":") ? ":" : "-"}`;
}

function widthOf(text: string): number {
  return [...text].length;
}
