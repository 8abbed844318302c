import { type DescEnum, ScalarType } from "@bufbuild/protobuf";
import { lineText } from "../contract/line-text.js";

/** What stands for a value that isn't shown. */
export const REDACTED = "[REDACTED]";

/** A scalar as protobuf's text format has it, of which about `limit` characters are enough. */
export function scalarText(type: ScalarType | undefined, value: unknown, limit: number): string {
  if (typeof value === "string" && type === ScalarType.STRING) {
    return quoted(value, limit);
  }
  if (value instanceof Uint8Array) {
    return quotedBytes(value, limit);
  }
  if (typeof value === "number" && (type === ScalarType.DOUBLE || type === ScalarType.FLOAT)) {
    return floatText(value);
  }
  // Numbers; or whatever a handler has put in their place.
  const text = String(value);
  return typeof value === "number" || typeof value === "bigint" ? text : lineText(head(text, limit));
}

/** The name of an enum's value; its number if it has none. */
export function enumText(desc: DescEnum, value: unknown): string {
  const named = desc.value[value as number];
  if (named === undefined) {
    return scalarText(undefined, value, MAX_NUMBER);
  }
  return named.proto.options?.debugRedact ? REDACTED : named.name;
}

// Longer than any number is.
const MAX_NUMBER = 32;

const ESCAPES: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t", '"': '\\"', "\\": "\\\\" };

/** A text in quotes. */
export function quoted(text: string, limit: number): string {
  const shown = head(text, limit);
  if (!/[^ !#-[\]-~]/.test(shown)) {
    return `"${shown}"`;
  }
  const escaped = shown.replace(/["\\\n\r\t]/g, (character) => ESCAPES[character] ?? character);
  return `"${lineText(escaped)}"`;
}

/** Bytes in quotes: ASCII as it is, the rest in octal digits. */
function quotedBytes(bytes: Uint8Array, limit: number): string {
  let text = "";
  for (const byte of bytes.subarray(0, limit + 1)) {
    const printable = byte >= 0x20 && byte < 0x7f && byte !== 0x22 && byte !== 0x5c;
    text += printable ? String.fromCharCode(byte) : `\\${byte.toString(8).padStart(3, "0")}`;
  }
  return `"${text}"`;
}

/** A floating point number. */
export function floatText(value: number): string {
  return Number.isNaN(value) ? "nan" : value === Infinity ? "inf" : value === -Infinity ? "-inf" : String(value);
}

/** One character over the limit is enough for the cut to be seen; a pair isn't cut in two. */
function head(text: string, limit: number): string {
  if (text.length <= limit + 1) {
    return text;
  }
  const end = /[\uD800-\uDBFF]/.test(text.charAt(limit)) ? limit + 2 : limit + 1;
  return text.slice(0, end);
}
