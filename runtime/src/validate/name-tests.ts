import { DIGIT, isOf, LABEL, LETTER, TOKEN, UNDERSCORE } from "./character-kinds.js";
import { isIp } from "./ip-tests.js";

const [HYPHEN, DOT, COLON] = [0x2d, 0x2e, 0x3a] as const;

// Compiled once: an expression within a function would be an object for each call. They match in linear time.
const EMAIL =
  /^[a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]+@[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*$/;
/** Most of these, without a count: no two hyphens stand together, and no label is too long if the whole text isn't. */
const COMMON_EMAIL = /^[a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]+@[a-zA-Z0-9]+(?:[.-][a-zA-Z0-9]+)*$/;
const COMMON_EMAIL_LENGTH = 64;

// Characters are written out one by one: to count them, as `{8}` has it, takes V8 twice as long.
const HEX = "[0-9a-fA-F]";
const UUID = new RegExp(`^${[8, 4, 4, 4, 12].map((count) => HEX.repeat(count)).join("-")}$`);
const TRIMMED_UUID = new RegExp(`^${HEX.repeat(32)}$`);
const ULID = new RegExp(`^[0-7]${"[0-9A-HJKMNP-TV-Za-hjkmnp-tv-z]".repeat(25)}$`);

/** An e-mail address as HTML's standard defines it. */
export function isEmail(text: string): boolean {
  return (text.length <= COMMON_EMAIL_LENGTH && COMMON_EMAIL.test(text)) || EMAIL.test(text);
}

/** A host name as RFC 1034 defines it: labels of letters, digits and hyphens, of which the last isn't a number. A dot may end it. */
export function isHostname(text: string): boolean {
  return isHostnameWithin(text, text.length);
}

/** The same, of a text's part until there. */
export function isHostnameWithin(text: string, end: number): boolean {
  const last = end > 0 && text.charCodeAt(end - 1) === DOT ? end - 1 : end;
  return last <= 253 && areLabels(text, 0, last) && !isLastNumber(text, last);
}

/** Labels of 1 to 63 letters, digits and hyphens, which neither begin nor end with a hyphen; a dot between two. */
function areLabels(text: string, start: number, end: number): boolean {
  let from = start;
  for (let i = start; i <= end; i++) {
    const code = i === end ? DOT : text.charCodeAt(i);
    if (code === DOT) {
      if (i === from || i - from > 63 || text.charCodeAt(from) === HYPHEN || text.charCodeAt(i - 1) === HYPHEN) {
        return false;
      }
      from = i + 1;
    } else if (!isOf(code, LABEL)) {
      return false;
    }
  }
  return true;
}

function isLastNumber(text: string, end: number): boolean {
  let i = end - 1;
  while (i >= 0 && isOf(text.charCodeAt(i), DIGIT)) {
    i--;
  }
  return i < 0 || text.charCodeAt(i) === DOT;
}

/** A host name or an IP address. */
export function isAddress(text: string): boolean {
  return isHostname(text) || isIp(text);
}

/** A UUID with its hyphens. */
export function isUuid(text: string): boolean {
  return text.length === 36 && UUID.test(text);
}

/** A UUID without hyphens. */
export function isTrimmedUuid(text: string): boolean {
  return text.length === 32 && TRIMMED_UUID.test(text);
}

/** A ULID. */
export function isUlid(text: string): boolean {
  return text.length === 26 && ULID.test(text);
}

/** The full name of an element of a proto file. */
export function isProtobufName(text: string): boolean {
  return areNames(text, 0);
}

/** The same, with a dot before it. */
export function isDottedProtobufName(text: string): boolean {
  return text.charCodeAt(0) === DOT && areNames(text, 1);
}

function areNames(text: string, start: number): boolean {
  let from = start;
  for (let i = start; i <= text.length; i++) {
    const code = i === text.length ? DOT : text.charCodeAt(i);
    if (code === DOT) {
      if (i === from) {
        return false;
      }
      from = i + 1;
    } else if (!isOf(code, i === from ? LETTER | UNDERSCORE : LETTER | DIGIT | UNDERSCORE)) {
      return false;
    }
  }
  return true;
}

/** The name of an HTTP header, or of a pseudo-header. */
export function isHeaderName(text: string): boolean {
  const start = text.charCodeAt(0) === COLON ? 1 : 0;
  return text.length > start && areOf(text, start, TOKEN);
}

/** A header's name that has no NUL and no line break. */
export function isLooseHeaderName(text: string): boolean {
  return text !== "" && isLooseHeaderValue(text);
}

/** The value of an HTTP header: no control characters but tabs. */
export function isHeaderValue(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if ((code < 0x20 && code !== 0x09) || code === 0x7f) {
      return false;
    }
  }
  return true;
}

/** A header's value that has no NUL and no line break. */
export function isLooseHeaderValue(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 0x00 || code === 0x0a || code === 0x0d) {
      return false;
    }
  }
  return true;
}

function areOf(text: string, start: number, kinds: number): boolean {
  for (let i = start; i < text.length; i++) {
    if (!isOf(text.charCodeAt(i), kinds)) {
      return false;
    }
  }
  return true;
}
