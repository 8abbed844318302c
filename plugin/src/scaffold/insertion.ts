/** Text to put into a file, at a position of the original text. */
export interface Insertion {
  readonly position: number;
  readonly text: string;
}

/** Where an insertion ended up: positions in the new text. */
export interface InsertedRange {
  readonly start: number;
  readonly end: number;
}

/** A text with insertions made. Taking the ranges out again gives the original. */
export interface InsertedText {
  readonly text: string;
  readonly ranges: readonly InsertedRange[];
}

/** Makes insertions; several at one position come in their order. */
export function insert(original: string, insertions: readonly Insertion[]): InsertedText {
  const sorted = [...insertions].sort((a, b) => a.position - b.position);
  const ranges: InsertedRange[] = [];
  let text = "";
  let done = 0;
  for (const insertion of sorted) {
    text += original.slice(done, insertion.position);
    done = insertion.position;
    ranges.push({ start: text.length, end: text.length + insertion.text.length });
    text += insertion.text;
  }
  return { text: text + original.slice(done), ranges };
}
