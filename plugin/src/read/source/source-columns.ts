// Compilers count columns in their own ways, of which source info says nothing: a tab goes to the next stop, and what isn't
// ASCII is as many columns as it has UTF-16 code units, or as many as it has bytes.

/** A way to count columns. */
export interface ColumnCount {
  /** The distance of tab stops. */
  readonly tab: number;
  readonly unit: "utf16" | "byte";
}

/** The ways of the compilers there are: buf, protoc, older buf, and one that knows no tabs. */
export const COLUMN_COUNTS: readonly ColumnCount[] = [
  { tab: 4, unit: "utf16" },
  { tab: 8, unit: "byte" },
  { tab: 8, unit: "utf16" },
  { tab: 1, unit: "utf16" },
];

/** The column at which something begins, 0-based, by what stands before it in its line. */
export function columnAfter(before: string, { tab, unit }: ColumnCount): number {
  let column = 0;
  for (const character of before) {
    column +=
      character === "\t" ? tab - (column % tab) : unit === "byte" ? Buffer.byteLength(character) : character.length;
  }
  return column;
}
