// What Buffer's `toString` and `write` end in. They have been there since Node's first days and take any Uint8Array, but
// aren't documented; so there is a way without them.
const native: {
  readonly utf8Slice?: (this: Uint8Array, start: number, end: number) => string;
  readonly utf8Write?: (this: Uint8Array, text: string, start: number) => number;
} = Buffer.prototype as object;

const utf8Slice =
  native.utf8Slice ??
  function (this: Uint8Array, start: number, end: number): string {
    return lenient.decode(this.subarray(start, end));
  };

const utf8Write =
  native.utf8Write ??
  function (this: Uint8Array, text: string, start: number): number {
    return encoder.encodeInto(text, this.subarray(start)).written;
  };

const encoder = new TextEncoder();
const lenient = new TextDecoder("utf-8", { ignoreBOM: true });
const strict = new TextDecoder("utf-8", { ignoreBOM: true, fatal: true });

/**
 * Decodes UTF-8.
 *
 * @param valid whether the bytes must be well-formed; otherwise what isn't becomes U+FFFD
 * @throws {TypeError} if they must be and aren't
 */
export function readUtf8(bytes: Uint8Array, start: number, end: number, valid: boolean): string {
  const text = utf8Slice.call(bytes, start, end);
  // Node replaces what is malformed. The look for the replacement costs nothing in strings that are Latin-1.
  if (!text.includes("\ufffd")) {
    return text;
  }
  return (valid ? strict : lenient).decode(bytes.subarray(start, end));
}

/**
 * Encodes text as UTF-8, lone surrogates as U+FFFD.
 *
 * @param bytes with room for three bytes per UTF-16 code unit, or for `Buffer.byteLength(text)`
 * @returns how many bytes were written
 */
export function writeUtf8(bytes: Uint8Array, text: string, start: number): number {
  return utf8Write.call(bytes, text, start);
}
