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

function isHigh(code: number): boolean {
  return code >= 0xd800 && code < 0xdc00;
}

function isLow(code: number): boolean {
  return code >= 0xdc00 && code < 0xe000;
}

/** Whether no two elements of a list are equal. Not a number is equal to nothing. */
export function isUnique(list: readonly (string | number | bigint | boolean)[]): boolean {
  if (list.length <= FEW) {
    for (let i = 1; i < list.length; i++) {
      for (let j = 0; j < i; j++) {
        if (list[i] === list[j]) {
          return false;
        }
      }
    }
    return true;
  }
  const seen = new Set<unknown>();
  for (const value of list) {
    // A set takes NaN for equal to itself.
    if (seen.has(value) && !Number.isNaN(value)) {
      return false;
    }
    seen.add(value);
  }
  return true;
}

/** So few are compared with one another without a set. */
const FEW = 16;

/** Whether a map has an entry. */
export function hasEntries(map: object): boolean {
  for (const _ in map) {
    return true;
  }
  return false;
}

/** How many entries a map has. */
export function entryCount(map: object): number {
  let count = 0;
  for (const _ in map) {
    count++;
  }
  return count;
}

const EMAIL =
  /^[a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]+@[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*$/;

/** An e-mail address as HTML's standard defines it. */
export function isEmail(text: string): boolean {
  return EMAIL.test(text);
}

/** A host name as RFC 1034 defines it: labels of letters, digits and hyphens, of which the last isn't a number. */
export function isHostname(text: string): boolean {
  const end = text.endsWith(".") ? text.length - 1 : text.length;
  let start = 0;
  let isNumber = true;
  for (let i = 0; i <= end; i++) {
    const code = i === end ? DOT : text.charCodeAt(i);
    if (code === DOT) {
      const isLabel =
        i > start && i - start <= 63 && text.charCodeAt(start) !== HYPHEN && text.charCodeAt(i - 1) !== HYPHEN;
      if (!isLabel || (i === end && isNumber)) {
        return false;
      }
      start = i + 1;
      isNumber = true;
    } else if (code < ZERO || code > NINE) {
      isNumber = false;
      if (!isLetter(code) && code !== HYPHEN) {
        return false;
      }
    }
  }
  return text.length <= 253;
}

const [HYPHEN, DOT, ZERO, NINE] = [0x2d, 0x2e, 0x30, 0x39] as const;

function isLetter(code: number): boolean {
  const lower = code | 0x20;
  return lower >= 0x61 && lower <= 0x7a;
}

const UUID = /^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$/;

/** A UUID with its hyphens. */
export function isUuid(text: string): boolean {
  return UUID.test(text);
}

/** A UUID without hyphens. */
export function isTrimmedUuid(text: string): boolean {
  return /^[0-9a-fA-F]{32}$/.test(text);
}

/** A ULID. */
export function isUlid(text: string): boolean {
  return /^[0-7][0-9A-HJKMNP-TV-Za-hjkmnp-tv-z]{25}$/.test(text);
}

/** The full name of an element of a proto file. */
export function isProtobufName(text: string): boolean {
  return /^[A-Za-z_][A-Za-z_0-9]*(?:\.[A-Za-z_][A-Za-z_0-9]*)*$/.test(text);
}
