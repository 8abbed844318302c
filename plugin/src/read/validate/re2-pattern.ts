/** A pattern of RE2's language, as far as it is the same thing in JavaScript's once it is written anew. */
export type Pattern =
  /** One character: of these ranges of code points. */
  | { readonly kind: "character"; readonly ranges: Ranges }
  | { readonly kind: "sequence"; readonly parts: readonly Pattern[] }
  | { readonly kind: "choice"; readonly parts: readonly Pattern[] }
  /** @param max Infinity: without end */
  | { readonly kind: "repeat"; readonly part: Pattern; readonly min: number; readonly max: number };

/** Sorted, and apart from one another. */
export type Ranges = readonly (readonly [from: number, to: number])[];

/** A whole pattern. */
export interface AnchoredPattern {
  readonly pattern: Pattern;
  /** Whether it begins with `^`, and ends with `$`. */
  readonly start: boolean;
  readonly end: boolean;
}

/**
 * Reads a pattern.
 *
 * @returns undefined if it has what isn't known here: flags, Unicode classes, word boundaries, anchors within it, and what RE2 doesn't
 *   take either
 * @see https://github.com/google/re2/wiki/Syntax
 */
export function parsePattern(text: string): AnchoredPattern | undefined {
  try {
    return new PatternReader(text).read();
  } catch (error) {
    if (error instanceof UnknownSyntax) {
      return undefined;
    }
    throw error;
  }
}

class UnknownSyntax extends Error {}

const MAX_CODE_POINT = 0x10ffff;
// RE2 takes no more.
const MAX_COUNT = 1000;

class PatternReader {
  readonly #characters: readonly string[];
  #at = 0;

  constructor(text: string) {
    this.#characters = [...text];
  }

  read(): AnchoredPattern {
    const start = this.#take("^");
    const end = this.#characters.at(-1) === "$" && !this.#isEscaped(this.#characters.length - 1);
    const pattern = this.#choice(end ? this.#characters.length - 1 : this.#characters.length, 0);
    // An anchor of a choice's first or last branch isn't the whole pattern's.
    if (pattern.kind === "choice" && (start || end)) {
      throw new UnknownSyntax();
    }
    return { pattern, start, end };
  }

  #isEscaped(index: number): boolean {
    let escapes = 0;
    while (this.#characters[index - 1 - escapes] === "\\") {
      escapes++;
    }
    return escapes % 2 === 1;
  }

  #choice(end: number, depth: number): Pattern {
    if (depth > 50) {
      throw new UnknownSyntax();
    }
    const parts = [this.#sequence(end, depth)];
    while (this.#at < end && this.#take("|")) {
      parts.push(this.#sequence(end, depth));
    }
    if (this.#at < end && this.#peek() !== ")") {
      throw new UnknownSyntax();
    }
    const [only] = parts;
    return parts.length === 1 && only !== undefined ? only : { kind: "choice", parts };
  }

  #sequence(end: number, depth: number): Pattern {
    const parts: Pattern[] = [];
    while (this.#at < end && this.#peek() !== "|" && this.#peek() !== ")") {
      parts.push(this.#repeated(this.#atom(end, depth), end));
    }
    if (depth === 0 && this.#at < end && this.#peek() === ")") {
      throw new UnknownSyntax();
    }
    return { kind: "sequence", parts };
  }

  #repeated(part: Pattern, end: number): Pattern {
    const counts = this.#at < end ? this.#counts() : undefined;
    if (counts === undefined) {
      return part;
    }
    // Whether it takes as much or as little as it can makes no difference to whether it matches.
    this.#take("?");
    if (this.#at < end && ["*", "+", "?"].includes(this.#peek())) {
      throw new UnknownSyntax();
    }
    return { kind: "repeat", part, min: counts[0], max: counts[1] };
  }

  #counts(): readonly [number, number] | undefined {
    if (this.#take("*")) {
      return [0, Number.POSITIVE_INFINITY];
    }
    if (this.#take("+")) {
      return [1, Number.POSITIVE_INFINITY];
    }
    if (this.#take("?")) {
      return [0, 1];
    }
    const counted = /^\{(\d{1,4})(?:(,)(\d{0,4}))?\}/.exec(this.#characters.slice(this.#at, this.#at + 11).join(""));
    if (counted === null) {
      if (this.#peek() === "{") {
        throw new UnknownSyntax();
      }
      return undefined;
    }
    this.#at += counted[0].length;
    const min = Number(counted[1]);
    const max = counted[2] === undefined ? min : counted[3] === "" ? Number.POSITIVE_INFINITY : Number(counted[3]);
    if (min > MAX_COUNT || (max > MAX_COUNT && max !== Number.POSITIVE_INFINITY) || max < min) {
      throw new UnknownSyntax();
    }
    return [min, max];
  }

  #atom(end: number, depth: number): Pattern {
    if (this.#take("(")) {
      if (this.#take("?") && !this.#take(":")) {
        throw new UnknownSyntax();
      }
      const inner = this.#choice(end, depth + 1);
      if (this.#at >= end || !this.#take(")")) {
        throw new UnknownSyntax();
      }
      return inner;
    }
    if (this.#take("[")) {
      return { kind: "character", ranges: this.#class() };
    }
    if (this.#take(".")) {
      return { kind: "character", ranges: without([[LINE_FEED, LINE_FEED]]) };
    }
    if (this.#take("\\")) {
      return { kind: "character", ranges: this.#escape() };
    }
    const character = this.#next();
    if ("^$*+?{".includes(character)) {
      throw new UnknownSyntax();
    }
    return single(character);
  }

  #class(): Ranges {
    const isNegated = this.#take("^");
    const ranges: (readonly [number, number])[] = [];
    for (let isFirst = true; isFirst || this.#peek() !== "]"; isFirst = false) {
      if (this.#peek() === "[" && this.#characters[this.#at + 1] === ":") {
        throw new UnknownSyntax();
      }
      const from = this.#classMember(isFirst);
      const isRange = this.#peek() === "-" && this.#characters[this.#at + 1] !== "]";
      const [first] = from;
      if (isRange && from.length === 1 && first !== undefined && first[0] === first[1]) {
        this.#at++;
        const [to] = this.#classMember(false);
        if (to === undefined || to[0] !== to[1] || to[0] < first[0]) {
          throw new UnknownSyntax();
        }
        ranges.push([first[0], to[0]]);
      } else {
        ranges.push(...from);
      }
    }
    this.#at++;
    return isNegated ? without(ranges) : merged(ranges);
  }

  #classMember(isFirst: boolean): Ranges {
    if (this.#take("\\")) {
      return this.#escape();
    }
    const character = this.#next();
    // `]` and `-` for themselves are taken by the two languages in different places.
    if ((character === "]" && isFirst) || character === "[") {
      throw new UnknownSyntax();
    }
    return rangesOf(character);
  }

  #escape(): Ranges {
    const character = this.#next();
    const known = ESCAPES[character];
    if (known !== undefined) {
      return known;
    }
    if (/^[A-Za-z0-9]$/.test(character) || (character.codePointAt(0) ?? 0) > 0x7e) {
      throw new UnknownSyntax();
    }
    return rangesOf(character);
  }

  #peek(): string {
    const character = this.#characters[this.#at];
    if (character === undefined) {
      throw new UnknownSyntax();
    }
    return character;
  }

  #next(): string {
    const character = this.#peek();
    this.#at++;
    return character;
  }

  #take(character: string): boolean {
    const isThere = this.#characters[this.#at] === character;
    this.#at += isThere ? 1 : 0;
    return isThere;
  }
}

const LINE_FEED = 0x0a;

function rangesOf(character: string): Ranges {
  const code = character.codePointAt(0) ?? 0;
  return [[code, code]];
}

function single(character: string): Pattern {
  return { kind: "character", ranges: rangesOf(character) };
}

function merged(ranges: Ranges): Ranges {
  const result: [number, number][] = [];
  for (const [from, to] of [...ranges].sort(([a], [b]) => a - b)) {
    const last = result.at(-1);
    if (last !== undefined && from <= last[1] + 1) {
      last[1] = Math.max(last[1], to);
    } else {
      result.push([from, to]);
    }
  }
  return result;
}

/** All code points but these. */
function without(ranges: Ranges): Ranges {
  const result: [number, number][] = [];
  let next = 0;
  for (const [from, to] of merged(ranges)) {
    if (from > next) {
      result.push([next, from - 1]);
    }
    next = to + 1;
  }
  return next > MAX_CODE_POINT ? result : [...result, [next, MAX_CODE_POINT]];
}

const DIGITS: Ranges = [[0x30, 0x39]];
const WORD: Ranges = [
  [0x30, 0x39],
  [0x41, 0x5a],
  [0x5f, 0x5f],
  [0x61, 0x7a],
];
// Without U+000B, which JavaScript's has.
const SPACE: Ranges = [
  [0x09, 0x0a],
  [0x0c, 0x0d],
  [0x20, 0x20],
];
const ESCAPES: Readonly<Record<string, Ranges>> = {
  d: DIGITS,
  D: without(DIGITS),
  w: WORD,
  W: without(WORD),
  s: SPACE,
  S: without(SPACE),
  n: [[LINE_FEED, LINE_FEED]],
  r: [[0x0d, 0x0d]],
  t: [[0x09, 0x09]],
  f: [[0x0c, 0x0c]],
  v: [[0x0b, 0x0b]],
};
