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
  // By characters, so that no surrogate pair is cut in two.
  const characters = Array.from(value instanceof Uint8Array ? Buffer.from(value).toString("hex") : String(value));
  return characters.length < 8 ? "***" : `***${characters.slice(-4).join("")}`;
}

/** `MASK_LENGTH`: the length, in characters or bytes. */
export function maskLength(value: LogValue): number | undefined {
  if (value === undefined) {
    return undefined;
  }
  return value instanceof Uint8Array ? value.byteLength : Array.from(String(value)).length;
}
