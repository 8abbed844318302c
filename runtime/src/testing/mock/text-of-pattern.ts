import type { Random } from "./random.js";

const PRINTABLE = Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index));
const DIGITS = range("0", "9");
const WORD = [...range("a", "z"), ...range("A", "Z"), ...DIGITS, "_"];
const MOST_OPEN = 6;

/**
 * Makes a text that a regular expression matches: literals, classes, groups, alternatives and counts.
 *
 * @returns `undefined` for a pattern with anything else in it
 */
export function textOfPattern(pattern: string, random: Random): string | undefined {
  try {
    const text = new Maker(pattern, random).all();
    return new RegExp(pattern, "u").test(text) ? text : undefined;
  } catch {
    return undefined;
  }
}

class Maker {
  readonly #pattern: readonly string[];
  readonly #random: Random;
  #at = 0;

  constructor(pattern: string, random: Random) {
    this.#pattern = [...pattern];
    this.#random = random;
  }

  all(): string {
    const make = this.#alternatives();
    if (this.#at < this.#pattern.length) {
      throw new SyntaxError("a parenthesis too many");
    }
    return make();
  }

  #alternatives(): () => string {
    const options = [this.#row()];
    while (this.#pattern[this.#at] === "|") {
      this.#at += 1;
      options.push(this.#row());
    }
    return () => options[this.#random.between(0, options.length - 1)]?.() ?? "";
  }

  #row(): () => string {
    const parts: (() => string)[] = [];
    for (let next = this.#pattern[this.#at]; next !== undefined && next !== "|" && next !== ")"; ) {
      const part = this.#counted(this.#piece());
      parts.push(part);
      next = this.#pattern[this.#at];
    }
    return () => parts.map((make) => make()).join("");
  }

  #piece(): () => string {
    const next = this.#take();
    switch (next) {
      case "^":
      case "$":
        return () => "";
      case ".":
        return this.#oneOf(WORD);
      case "(": {
        if (this.#pattern[this.#at] === "?") {
          this.#at += 1;
          if (this.#take() !== ":") {
            throw new SyntaxError("only (?: is understood");
          }
        }
        const inner = this.#alternatives();
        if (this.#take() !== ")") {
          throw new SyntaxError("a group without end");
        }
        return inner;
      }
      case "[":
        return this.#oneOf(this.#class());
      case "\\":
        return this.#oneOf(escaped(this.#take()));
      default:
        return () => next;
    }
  }

  #counted(piece: () => string): () => string {
    const rest = this.#pattern.slice(this.#at, this.#at + 12).join("");
    const counts = /^(?:([*+?])|\{(\d+)(?:(,)(\d*))?\})\??/.exec(rest);
    if (counts === null) {
      return piece;
    }
    this.#at += counts[0].length;
    const [, sign, least = "0", comma, most] = counts;
    const [from, to] =
      sign === "?"
        ? [0, 1]
        : sign !== undefined
          ? [sign === "+" ? 1 : 0, MOST_OPEN]
          : [Number(least), comma === undefined ? Number(least) : most ? Number(most) : Number(least) + MOST_OPEN];
    return () => {
      const count = this.#random.between(from, Math.min(to, Math.max(from, 12)));
      return Array.from({ length: count }, () => piece()).join("");
    };
  }

  #class(): string[] {
    const isNegated = this.#pattern[this.#at] === "^";
    this.#at += isNegated ? 1 : 0;
    const chosen: string[] = [];
    for (let next = this.#take(); next !== "]"; next = this.#take()) {
      const from = next === "\\" ? escaped(this.#take()) : [next];
      const [low] = from;
      if (
        from.length === 1 &&
        low !== undefined &&
        this.#pattern[this.#at] === "-" &&
        this.#pattern[this.#at + 1] !== "]"
      ) {
        this.#at += 1;
        const end = this.#take();
        chosen.push(...range(low, end === "\\" ? this.#take() : end));
      } else {
        chosen.push(...from);
      }
    }
    return isNegated ? PRINTABLE.filter((character) => !chosen.includes(character)) : chosen;
  }

  #oneOf(characters: readonly string[]): () => string {
    return () => characters[this.#random.between(0, characters.length - 1)] ?? "";
  }

  #take(): string {
    const next = this.#pattern[this.#at];
    if (next === undefined) {
      throw new SyntaxError("it ends too early");
    }
    this.#at += 1;
    return next;
  }
}

function escaped(character: string): string[] {
  const kinds: Readonly<Record<string, readonly string[]>> = { d: DIGITS, w: WORD, s: [" "] };
  if (/[bBpPkDWS\d]/.test(character)) {
    throw new SyntaxError(`\\${character} isn't understood`);
  }
  return [...(kinds[character] ?? [character])];
}

function range(from: string, to: string): string[] {
  const [low = 0, high = 0] = [from.codePointAt(0), to.codePointAt(0)];
  return Array.from({ length: Math.min(512, high - low + 1) }, (_, index) => String.fromCodePoint(low + index));
}
