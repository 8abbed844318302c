import { isLinear } from "../read/validate/pattern-cost.js";
import { type AnchoredPattern, type Pattern, parsePattern, type Ranges } from "../read/validate/re2-pattern.js";
import { UnknownRule } from "./rule-set.js";

/**
 * A pattern of RE2's as one of JavaScript's, for the flag `u`, that matches the same.
 *
 * @throws {UnknownRule} if it can't be said in JavaScript's language, or if JavaScript's engine may take more than linear time for it
 */
export function safePattern(pattern: string): string {
  const parsed = parsePattern(pattern);
  if (parsed === undefined || !isLinear(parsed)) {
    throw new UnknownRule("string.pattern");
  }
  return patternText(parsed);
}

function patternText({ pattern, start, end }: AnchoredPattern): string {
  return `${start ? "^" : ""}${textOf(pattern)}${end ? "$" : ""}`;
}

function textOf(pattern: Pattern): string {
  switch (pattern.kind) {
    case "character":
      return classText(pattern.ranges);
    case "sequence":
      return pattern.parts.map((part) => (part.kind === "choice" ? `(?:${textOf(part)})` : textOf(part))).join("");
    case "choice":
      return pattern.parts.map(textOf).join("|");
    case "repeat":
      return `${repeatable(pattern.part)}${countText(pattern.min, pattern.max)}`;
  }
}

function repeatable(part: Pattern): string {
  return part.kind === "character" ? textOf(part) : `(?:${textOf(part)})`;
}

function countText(min: number, max: number): string {
  if (max === Number.POSITIVE_INFINITY) {
    return min === 0 ? "*" : min === 1 ? "+" : `{${min},}`;
  }
  return min === 0 && max === 1 ? "?" : min === max ? `{${min}}` : `{${min},${max}}`;
}

function classText(ranges: Ranges): string {
  const [only] = ranges;
  if (ranges.length === 1 && only !== undefined && only[0] === only[1]) {
    return characterText(only[0]);
  }
  // What contains the last code point was written as what it is without.
  if (ranges.at(-1)?.[1] === 0x10ffff) {
    return `[^${rangesText(complement(ranges))}]`;
  }
  return `[${rangesText(ranges)}]`;
}

function complement(ranges: Ranges): Ranges {
  const gaps: [number, number][] = [];
  let next = 0;
  for (const [from, to] of ranges) {
    if (from > next) {
      gaps.push([next, from - 1]);
    }
    next = to + 1;
  }
  return gaps;
}

function rangesText(ranges: Ranges): string {
  return ranges
    .map(([from, to]) => `${memberText(from)}${to > from + 1 ? "-" : ""}${to > from ? memberText(to) : ""}`)
    .join("")
    .replace(/^\\-(?!-)/, "-");
}

/** A character between brackets: there alone a hyphen may be escaped, and need not be where it is the first. */
function memberText(code: number): string {
  return code === HYPHEN ? "\\-" : characterText(code);
}

const HYPHEN = 0x2d;

const CONTROL_ESCAPES: Readonly<Record<number, string>> = { 9: "\\t", 10: "\\n", 11: "\\v", 12: "\\f", 13: "\\r" };

function characterText(code: number): string {
  const character = String.fromCodePoint(code);
  if (/^[A-Za-z0-9_ !"#%&',:;<=>@`~]$/.test(character)) {
    return character;
  }
  // What must be escaped, and may be with the flag `u`.
  if (/^[\^$\\.*+?()[\]{}|/]$/.test(character)) {
    return `\\${character}`;
  }
  return CONTROL_ESCAPES[code] ?? `\\u{${code.toString(16)}}`;
}
