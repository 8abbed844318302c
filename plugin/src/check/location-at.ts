import type { DescFile } from "@bufbuild/protobuf";
import type { SourceCodeInfo_Location } from "@bufbuild/protobuf/wkt";
import type { CheckLocation } from "../buf-plugin/index.js";

/** Where buf is told that something stands. */
export interface FoundLocation {
  readonly at: CheckLocation;
  /** Whether buf will show the very line and column that were asked for. */
  readonly exact: boolean;
}

/**
 * The location in a file's source info that begins at a line and column, of several the innermost; or else the innermost that
 * has them within: buf knows places by their path alone, and the compiler gives none to an element of a list in a literal.
 *
 * @param line 1-based, as `column`
 */
export function locationAt(file: DescFile, line: number, column: number): FoundLocation {
  let best: SourceCodeInfo_Location | undefined;
  let exact = false;
  const seen = new Set<string>();
  for (const location of file.proto.sourceCodeInfo?.location ?? []) {
    const key = location.path.join();
    // buf takes the first of several locations that have one path.
    if (seen.has(key)) {
      continue;
    }
    seen.add(key);
    const range = rangeOf(location);
    const begins = range.line === line && range.column === column;
    if (begins ? !exact || isInner(location, best) : !exact && has(range, line, column) && isInner(location, best)) {
      best = location;
      exact = begins;
    }
  }
  const at = { file: file.proto.name, path: best?.path ?? [] };
  return { at, exact: exact || (line === 1 && column === 1) };
}

interface Range {
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
}

function rangeOf({ span: [line = 0, column = 0, third = 0, fourth] }: SourceCodeInfo_Location): Range {
  const [endLine, endColumn] = fourth === undefined ? [line, third] : [third, fourth];
  return { line: line + 1, column: column + 1, endLine: endLine + 1, endColumn: endColumn + 1 };
}

function has(range: Range, line: number, column: number): boolean {
  const begun = range.line < line || (range.line === line && range.column <= column);
  return begun && (line < range.endLine || (line === range.endLine && column < range.endColumn));
}

function isInner(location: SourceCodeInfo_Location, than: SourceCodeInfo_Location | undefined): boolean {
  if (than === undefined) {
    return true;
  }
  const [a, b] = [rangeOf(location), rangeOf(than)];
  const lines = a.endLine - a.line - (b.endLine - b.line);
  const columns = a.endColumn - a.column - (b.endColumn - b.column);
  return lines < 0 || (lines === 0 && (columns < 0 || (columns === 0 && location.path.length > than.path.length)));
}
