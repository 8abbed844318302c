import { columnsOf } from "../typescript/text-width.js";
import type { Printable } from "../typescript/typescript-file.js";

// Codecs have a line per field and direction, however long it gets: a diff shows the fields that changed, and formatters leave the
// file alone. So nothing here may be broken as it is elsewhere (`layout-group.ts`).

/** `(a, b)` */
export function parentheses(items: readonly Printable[]): Printable {
  return ["(", joined(items, ", "), ")"];
}

/** `condition ? one : other` */
export function choice(condition: Printable, one: Printable, other: Printable): Printable {
  return [condition, " ? ", one, " : ", other];
}

/** `if (a && b) statement` */
export function ifAll(terms: readonly Printable[], statement: Printable): Printable {
  return ["if (", joined(terms, " && "), ") ", statement];
}

function joined(items: readonly Printable[], separator: string): Printable {
  return items.map((item, index) => (index === 0 ? item : [separator, item]));
}

/** Something short that stands beside others on a line, and how wide it is if it holds an imported name. */
export interface Piece {
  readonly text: Printable;
  readonly width: number;
}

const LINE_WIDTH = 120;

/** As many pieces on each line as there is room for. */
export function filledLines(indentation: string, pieces: readonly Piece[]): readonly Printable[] {
  const lines: Printable[][] = [];
  let left = 0;
  for (const { text, width } of pieces) {
    if (width + 1 > left || lines.length === 0) {
      lines.push([indentation, text]);
      left = LINE_WIDTH - columnsOf(indentation) - width;
    } else {
      lines.at(-1)?.push(" ", text);
      left -= width + 1;
    }
  }
  return lines;
}
