// Short strings are decoded in JavaScript, since a call of Node's decoder takes 100 ns however short they are.

/** The longest string of ASCII that is decoded here, in bytes. */
export const LONGEST_ASCII = 40;

/** The longest string of other text that is decoded here, in bytes. */
export const LONGEST_OTHER = 96;

// The index is within bounds wherever this is called.
const text: (...codes: readonly (number | undefined)[]) => string = String.fromCharCode as never;

/**
 * Decodes ASCII of up to {@link LONGEST_ASCII} bytes.
 *
 * @returns undefined if a byte isn't ASCII
 */
export function readAscii(b: Uint8Array, i: number, end: number): string | undefined {
  let all = 0;
  for (let at = i; at < end; at++) {
    all |= b[at] as number;
  }
  if (all > 0x7f) {
    return undefined;
  }
  // One call with all codes makes the string at once: no parts to join, and for the shortest no list of codes.
  // biome-ignore format: a table
  switch (end - i) {
    case 0: return "";
    case 1: return text(b[i]);
    case 2: return text(b[i], b[i+1]);
    case 3: return text(b[i], b[i+1], b[i+2]);
    case 4: return text(b[i], b[i+1], b[i+2], b[i+3]);
    case 5: return text(b[i], b[i+1], b[i+2], b[i+3], b[i+4]);
    case 6: return text(b[i], b[i+1], b[i+2], b[i+3], b[i+4], b[i+5]);
    case 7: return text(b[i], b[i+1], b[i+2], b[i+3], b[i+4], b[i+5], b[i+6]);
    case 8: return text(b[i], b[i+1], b[i+2], b[i+3], b[i+4], b[i+5], b[i+6], b[i+7]);
    case 9: return text(b[i], b[i+1], b[i+2], b[i+3], b[i+4], b[i+5], b[i+6], b[i+7], b[i+8]);
    case 10: return text(b[i], b[i+1], b[i+2], b[i+3], b[i+4], b[i+5], b[i+6], b[i+7], b[i+8], b[i+9]);
    case 11: return text(b[i], b[i+1], b[i+2], b[i+3], b[i+4], b[i+5], b[i+6], b[i+7], b[i+8], b[i+9], b[i+10]);
    case 12: return text(b[i], b[i+1], b[i+2], b[i+3], b[i+4], b[i+5], b[i+6], b[i+7], b[i+8], b[i+9], b[i+10], b[i+11]);
    case 13: return text(b[i], b[i+1], b[i+2], b[i+3], b[i+4], b[i+5], b[i+6], b[i+7], b[i+8], b[i+9], b[i+10], b[i+11], b[i+12]);
    case 14: return text(b[i], b[i+1], b[i+2], b[i+3], b[i+4], b[i+5], b[i+6], b[i+7], b[i+8], b[i+9], b[i+10], b[i+11], b[i+12], b[i+13]);
    case 15: return text(b[i], b[i+1], b[i+2], b[i+3], b[i+4], b[i+5], b[i+6], b[i+7], b[i+8], b[i+9], b[i+10], b[i+11], b[i+12], b[i+13], b[i+14]);
    case 16: return text(b[i], b[i+1], b[i+2], b[i+3], b[i+4], b[i+5], b[i+6], b[i+7], b[i+8], b[i+9], b[i+10], b[i+11], b[i+12], b[i+13], b[i+14], b[i+15]);
    default: return listed(b, i, end);
  }
}

const decoded = new Uint16Array(LONGEST_OTHER);
/** For each number of codes a list that has as many. */
const codesBySize: number[][] = [];

function codesOf(size: number): number[] {
  codesBySize[size] ??= new Array<number>(size).fill(0);
  return codesBySize[size] as number[];
}

function listed(bytes: Uint8Array, start: number, end: number): string {
  const codes = codesOf(end - start);
  for (let index = 0; index < codes.length; index++) {
    codes[index] = bytes[start + index] as number;
  }
  return String.fromCharCode(...codes);
}

/**
 * Decodes UTF-8 of up to {@link LONGEST_OTHER} bytes.
 *
 * @returns undefined if the bytes aren't well-formed
 */
export function readOther(bytes: Uint8Array, start: number, end: number): string | undefined {
  let size = 0;
  for (let at = start; at < end; ) {
    const first = bytes[at] as number;
    if (first < 0x80) {
      decoded[size++] = first;
      at++;
    } else if (first < 0xe0) {
      const second = at + 1 < end ? (bytes[at + 1] as number) : 0;
      if (first < 0xc2 || (second & 0xc0) !== 0x80) {
        return undefined;
      }
      decoded[size++] = ((first & 0x1f) << 6) | (second & 0x3f);
      at += 2;
    } else if (first < 0xf0) {
      const code = at + 2 < end ? threeBytes(first, bytes[at + 1] as number, bytes[at + 2] as number) : 0;
      if (code === 0) {
        return undefined;
      }
      decoded[size++] = code;
      at += 3;
    } else {
      // Emoji and old scripts are left to Node's decoder.
      return undefined;
    }
  }
  const codes = codesOf(size);
  for (let index = 0; index < size; index++) {
    codes[index] = decoded[index] as number;
  }
  return String.fromCharCode(...codes);
}

/** A code unit of three bytes, or 0 if there are shorter ways to write it, or if it is half of a pair. */
function threeBytes(first: number, second: number, third: number): number {
  if ((second & 0xc0) !== 0x80 || (third & 0xc0) !== 0x80) {
    return 0;
  }
  const code = ((first & 0xf) << 12) | ((second & 0x3f) << 6) | (third & 0x3f);
  return code < 0x800 || (code & 0xf800) === 0xd800 ? 0 : code;
}
