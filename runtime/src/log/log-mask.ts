import { createHash } from "node:crypto";
import type { LogValue } from "./log-fields.js";

// What a contract's `mask` makes of a value before it is logged. See `Mask` in accord/v1/options.proto.

/** `MASK_HASH`: the first 16 hexadecimal digits of the SHA-256 of the value. */
export function maskHash(value: LogValue): string | undefined {
  if (value === undefined) {
    return undefined;
  }
  const bytes = value instanceof Uint8Array ? value : String(value);
  return createHash("sha256").update(bytes).digest("hex").slice(0, 16);
}

/** `MASK_LAST4`: the last four characters behind `***`; only `***` of values with fewer than eight. */
export function maskLast4(value: LogValue): string | undefined {
  if (value === undefined) {
    return undefined;
  }
  if (value instanceof Uint8Array) {
    return value.byteLength < 4 ? "***" : `***${Buffer.from(value.subarray(-2)).toString("hex")}`;
  }
  const text = String(value);
  // By characters, so that no surrogate pair is cut in two. Eight of them have at most 16 UTF-16 units.
  const last = Array.from(text.slice(-16));
  return last.length < 8 ? "***" : `***${last.slice(-4).join("")}`;
}

/** `MASK_LENGTH`: the length, in characters or bytes. */
export function maskLength(value: LogValue): number | undefined {
  if (value === undefined) {
    return undefined;
  }
  return value instanceof Uint8Array ? value.byteLength : characterCount(String(value));
}

// Not `Array.from(text).length`, which would copy a text of 4 MB into an array.
function characterCount(text: string): number {
  // Not even looked through if V8 has it as Latin-1.
  if (!/[\uD800-\uDBFF]/.test(text)) {
    return text.length;
  }
  let count = 0;
  for (let i = 0; i < text.length; count += 1) {
    i += (text.codePointAt(i) ?? 0) > 0xffff ? 2 : 1;
  }
  return count;
}
