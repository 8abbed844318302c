import type { ValueRules } from "./field-rules.js";
import { hexDigits, type Random } from "./random.js";
import { textOfPattern } from "./text-of-pattern.js";

const USUAL_LENGTH = 8;
const LENGTHS: Readonly<Record<string, number>> = { ip: 4, ipv4: 4, ipv6: 16, uuid: 16 };

/** Makes bytes within their rules. */
export function plausibleBytes(rules: ValueRules, random: Random): Uint8Array {
  const { const: constant, in: listed = [], format, pattern, bytes = {} } = rules;
  const given = constant ?? listed[random.between(0, listed.length - 1)];
  if (given instanceof Uint8Array) {
    return given;
  }
  const text = pattern === undefined ? undefined : textOfPattern(pattern, random);
  if (text !== undefined) {
    return new Uint8Array(Buffer.from(text));
  }
  const { prefix = NONE, contains = NONE, suffix = NONE } = bytes;
  const { minLength = 0, maxLength = USUAL_LENGTH } = rules;
  const length =
    (format === undefined ? undefined : LENGTHS[format]) ?? Math.max(minLength, Math.min(USUAL_LENGTH, maxLength));
  const filled = Math.max(0, length - prefix.length - contains.length - suffix.length);
  return new Uint8Array(Buffer.concat([prefix, contains, Buffer.from(hexDigits(random, 2 * filled), "hex"), suffix]));
}

const NONE = new Uint8Array();
