/**
 * The marks that stand for possible line breaks until {@link layOut} decides on them.
 *
 * They are control characters. Source code has no place for these, so text that contains one is escaped (in literals) or
 * cleaned (in comments).
 */
export const Mark = {
  /** Begins a group: either all of its breaks are taken, or none. */
  group: "\u0001",
  /** Begins a group whose last inner group may be broken alone. */
  hug: "\u0002",
  /** Ends a group. */
  end: "\u0003",
  /** A possible line break; what follows is indented. */
  break: "\u0004",
  /** A possible line break before the closing bracket; what follows isn't indented. */
  lastBreak: "\u0005",
  /** Begins text that is there only if the group is broken. */
  ifBroken: "\u0006",
  /** Ends such text. */
  endIfBroken: "\u0007",
  /** Begins and ends the number of an imported name. What it is called is known when all is printed (`resolveNames`). */
  name: "\u0008",
} as const;

/** Matches each character that is a mark. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the marks are control characters
export const MARKS = /[\u0001-\u0008]/g;
