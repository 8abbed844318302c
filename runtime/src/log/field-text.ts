import { lineText } from "../contract/line-text.js";
import { cutToBytes } from "../wire/text-limits.js";

/** How much of a text that comes from outside stands in one field of a line, in bytes. */
export const MAX_FIELD_BYTES = 1024;

/** Text that comes from outside, as a field of a log line: it stays within the line, and within `maxBytes`. */
export function fieldText(text: string, maxBytes: number = MAX_FIELD_BYTES): string {
  // Escapes only make it longer, so what is beyond the limit needn't be looked at.
  return cutToBytes(lineText(text.slice(0, maxBytes + 1)), maxBytes);
}
