// What rules ask of a text's length. No line of it makes an object.

/** How many code points a text has: what protovalidate calls characters. */
export function codePoints(text: string): number {
  let count = text.length;
  for (let i = 0; i + 1 < text.length; i++) {
    if (isHigh(text.charCodeAt(i)) && isLow(text.charCodeAt(i + 1))) {
      count--;
      i++;
    }
  }
  return count;
}

/** How many bytes a text has in UTF-8; half of a surrogate pair counts as U+FFFD. */
export function utf8Bytes(text: string): number {
  let bytes = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x80) {
      bytes += 1;
    } else if (code < 0x800) {
      bytes += 2;
    } else if (isHigh(code) && isLow(text.charCodeAt(i + 1))) {
      bytes += 4;
      i++;
    } else {
      bytes += 3;
    }
  }
  return bytes;
}

// A code point is one or two of JavaScript's characters, and each of these one to three bytes: mostly, nothing needs to be counted.

/** Whether a text has fewer code points than that. */
export function isShorter(text: string, count: number): boolean {
  return text.length < count || (text.length < 2 * count && codePoints(text) < count);
}

/** Whether a text has more code points than that. */
export function isLonger(text: string, count: number): boolean {
  return text.length > count && (text.length > 2 * count || codePoints(text) > count);
}

/** Whether a text has fewer bytes than that in UTF-8. */
export function isSmaller(text: string, bytes: number): boolean {
  return text.length < bytes && (3 * text.length < bytes || utf8Bytes(text) < bytes);
}

/** Whether a text has more bytes than that in UTF-8. */
export function isLarger(text: string, bytes: number): boolean {
  return text.length > bytes || (3 * text.length > bytes && utf8Bytes(text) > bytes);
}

function isHigh(code: number): boolean {
  return code >= 0xd800 && code < 0xdc00;
}

function isLow(code: number): boolean {
  return code >= 0xdc00 && code < 0xe000;
}
