// Short text that isn't ASCII is decoded in JavaScript, too: a call of Node's decoder takes longer.

/** The longest string of other text that is decoded here, in bytes. */
export const LONGEST_OTHER = 96;

const decoded = new Uint16Array(LONGEST_OTHER);
/** For each number of codes a list that has as many. */
const codesBySize: number[][] = [];

function codesOf(size: number): number[] {
  codesBySize[size] ??= new Array<number>(size).fill(0);
  return codesBySize[size] as number[];
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
