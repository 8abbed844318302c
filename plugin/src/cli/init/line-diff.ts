const CONTEXT = 2;

/**
 * What changes between two texts, by lines: `- ` before what goes, `+ ` before what comes, and a few lines around them.
 */
export function lineDiff(before: string, after: string): string[] {
  const edits = editsBetween(before.split("\n"), after.split("\n"));
  const shown = new Set<number>();
  for (const [index, { kind }] of edits.entries()) {
    for (let near = index - CONTEXT; kind !== " " && near <= index + CONTEXT; near++) {
      shown.add(near);
    }
  }
  return edits.flatMap(({ kind, line }, index) => {
    const gap = shown.has(index) && !shown.has(index - 1) && index > 0 ? ["…"] : [];
    return shown.has(index) ? [...gap, `${kind} ${line}`.trimEnd()] : [];
  });
}

interface Edit {
  readonly kind: " " | "-" | "+";
  readonly line: string;
}

/** The fewest lines that go and come. */
function editsBetween(before: readonly string[], after: readonly string[]): Edit[] {
  // common[i][j]: how many lines the rests from i and from j have in common.
  const common = Array.from({ length: before.length + 1 }, () => new Uint32Array(after.length + 1));
  const at = (i: number, j: number): number => common[i]?.[j] ?? 0;
  for (let i = before.length - 1; i >= 0; i--) {
    for (let j = after.length - 1; j >= 0; j--) {
      const row = common[i];
      if (row !== undefined) {
        row[j] = before[i] === after[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
      }
    }
  }
  const edits: Edit[] = [];
  let [i, j] = [0, 0];
  while (i < before.length || j < after.length) {
    if (i < before.length && j < after.length && before[i] === after[j]) {
      edits.push({ kind: " ", line: before[i] ?? "" });
      i++;
      j++;
    } else if (i < before.length && (j === after.length || at(i + 1, j) >= at(i, j + 1))) {
      edits.push({ kind: "-", line: before[i] ?? "" });
      i++;
    } else {
      edits.push({ kind: "+", line: after[j] ?? "" });
      j++;
    }
  }
  return edits;
}
