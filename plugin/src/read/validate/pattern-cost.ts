import type { AnchoredPattern, Pattern, Ranges } from "./re2-pattern.js";

/**
 * Whether an engine that goes back to try the next way, as JavaScript's does, matches it in a time that is linear in the text's length:
 * whether, of whatever text, there are few ways to come to any place in it.
 *
 * Each character of the pattern is a position; what is counted is in how many ways each is reached, for all texts. Where the counts
 * stay small, they are few, so that all can be gone through.
 */
export function isLinear({ pattern, start }: AnchoredPattern): boolean {
  try {
    const positions = new Positions();
    const whole = positions.add(pattern);
    return positions.hasFewWays(whole.first, start);
  } catch (error) {
    if (error instanceof TooMany) {
      return false;
    }
    throw error;
  }
}

class TooMany extends Error {}

const MAX_POSITIONS = 300;
const MAX_WAYS = 100;
const MAX_STATES = 1_000;

/** A part of the pattern: where it begins and ends. A position that stands twice is reached in two ways. */
interface Part {
  readonly first: readonly number[];
  readonly last: readonly number[];
  readonly canBeEmpty: boolean;
}

const NOTHING: Part = { first: [], last: [], canBeEmpty: true };

class Positions {
  readonly #ranges: Ranges[] = [];
  readonly #follow: number[][] = [];

  /** @throws {TooMany} if it has too many positions, or parts that can be nothing in more than one way */
  add(pattern: Pattern): Part {
    switch (pattern.kind) {
      case "character":
        return this.#character(pattern.ranges);
      case "sequence":
        return pattern.parts.reduce<Part>((before, part) => this.#joined(before, this.add(part)), NOTHING);
      case "choice":
        return this.#choice(pattern.parts.map((part) => this.add(part)));
      case "repeat":
        return this.#repeat(pattern.part, pattern.min, pattern.max);
    }
  }

  #character(ranges: Ranges): Part {
    const position = this.#ranges.push(ranges) - 1;
    this.#follow.push([]);
    if (position >= MAX_POSITIONS) {
      throw new TooMany();
    }
    return { first: [position], last: [position], canBeEmpty: false };
  }

  #joined(before: Part, after: Part): Part {
    this.#link(before.last, after.first);
    return {
      first: before.canBeEmpty ? [...before.first, ...after.first] : before.first,
      last: after.canBeEmpty ? [...before.last, ...after.last] : after.last,
      canBeEmpty: before.canBeEmpty && after.canBeEmpty,
    };
  }

  #choice(parts: readonly Part[]): Part {
    if (parts.filter(({ canBeEmpty }) => canBeEmpty).length > 1) {
      throw new TooMany();
    }
    return {
      first: parts.flatMap(({ first }) => first),
      last: parts.flatMap(({ last }) => last),
      canBeEmpty: parts.some(({ canBeEmpty }) => canBeEmpty),
    };
  }

  #repeat(part: Pattern, min: number, max: number): Part {
    let whole: Part = NOTHING;
    for (let i = 0; i < min; i++) {
      whole = this.#joined(whole, this.add(part));
    }
    if (max === Number.POSITIVE_INFINITY) {
      return this.#joined(whole, this.#endless(this.add(part)));
    }
    let rest: Part = NOTHING;
    for (let i = min; i < max; i++) {
      const each = this.add(part);
      if (each.canBeEmpty) {
        throw new TooMany();
      }
      rest = { ...this.#joined(each, rest), canBeEmpty: true };
    }
    return this.#joined(whole, rest);
  }

  #endless(part: Part): Part {
    if (part.canBeEmpty) {
      throw new TooMany();
    }
    this.#link(part.last, part.first);
    return { ...part, canBeEmpty: true };
  }

  #link(from: readonly number[], to: readonly number[]): void {
    for (const position of from) {
      this.#follow[position]?.push(...to);
    }
  }

  /** @param isAnchored whether it is tried at the text's start alone, and not at each character */
  hasFewWays(first: readonly number[], isAnchored: boolean): boolean {
    const letters = this.#letters();
    const seen = new Set<string>();
    // What may come next, and in how many ways.
    const initial = counted(first, 1, new Map());
    const open: ReadonlyMap<number, number>[] = [initial];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      for (const letter of letters) {
        const after = isAnchored ? new Map<number, number>() : new Map(initial);
        let ways = 0;
        for (const [position, times] of next) {
          if (has(this.#ranges[position], letter)) {
            ways += times;
            counted(this.#follow[position] ?? [], times, after);
          }
        }
        const key = [...after].sort(([a], [b]) => a - b).join(";");
        if (ways > MAX_WAYS || seen.size > MAX_STATES) {
          return false;
        }
        if (!seen.has(key)) {
          seen.add(key);
          open.push(after);
        }
      }
    }
    return true;
  }

  /** A character of each kind that the pattern tells apart. */
  #letters(): readonly number[] {
    const edges = this.#ranges.flatMap((ranges) => ranges.flatMap(([from, to]) => [from, to + 1]));
    return [...new Set([0, ...edges])];
  }
}

function counted(positions: readonly number[], times: number, into: Map<number, number>): Map<number, number> {
  for (const position of positions) {
    into.set(position, (into.get(position) ?? 0) + times);
  }
  return into;
}

function has(ranges: Ranges | undefined, code: number): boolean {
  return ranges?.some(([from, to]) => code >= from && code <= to) ?? false;
}
