/**
 * What Buffer's `toString` and `write` end in. They have been there since Node's first days, but aren't documented; so there
 * is a way without them. They are called as methods: V8 then knows what it calls, unlike with `utf8Slice.call(bytes)`.
 */
interface NativeBuffer extends Uint8Array {
  utf8Slice(start: number, end: number): string;
  utf8Write(text: string, start: number): number;
}

function isNative(bytes: Uint8Array): bytes is NativeBuffer {
  return (bytes as Partial<NativeBuffer>).utf8Slice !== undefined;
}

const encoder = new TextEncoder();
const lenient = new TextDecoder("utf-8", { ignoreBOM: true });
const strict = new TextDecoder("utf-8", { ignoreBOM: true, fatal: true });

/**
 * Decodes UTF-8.
 *
 * @param bytes a Buffer is faster
 * @param valid whether the bytes must be well-formed; otherwise what isn't becomes U+FFFD
 * @throws {TypeError} if they must be and aren't
 */
export function readUtf8(bytes: Uint8Array, start: number, end: number, valid: boolean): string {
  if (isNative(bytes)) {
    const text = bytes.utf8Slice(start, end);
    // Node replaces what is malformed. The look for the replacement costs next to nothing in strings that are Latin-1.
    if (!text.includes("\ufffd")) {
      return text;
    }
  }
  return (valid ? strict : lenient).decode(bytes.subarray(start, end));
}

/**
 * Encodes text as UTF-8, lone surrogates as U+FFFD.
 *
 * @param bytes with room for three bytes per UTF-16 code unit, or for `Buffer.byteLength(text)`; a Buffer is faster
 * @returns how many bytes were written
 */
export function writeUtf8(bytes: Uint8Array, text: string, start: number): number {
  return isNative(bytes) ? bytes.utf8Write(text, start) : encoder.encodeInto(text, bytes.subarray(start)).written;
}
