import { DIGIT, HEX, isOf, LETTER, SEGMENT, SUB_DELIM, UNRESERVED } from "./character-kinds.js";
import { decimal, isIpv4Within, isIpv6Within } from "./ip-tests.js";
import { isHostnameWithin } from "./name-tests.js";

// Each of these functions gives where what it reads ends, or -1 if it isn't there. RFC 3986, and RFC 6874 for zones.

const [HASH, PERCENT, PLUS, HYPHEN, DOT, SLASH, COLON, QUESTION, AT, OPEN, CLOSE, V] = [
  0x23, 0x25, 0x2b, 0x2d, 0x2e, 0x2f, 0x3a, 0x3f, 0x40, 0x5b, 0x5d, 0x76,
] as const;

const NONE = -1;

/** A URI: `https://example.com/a?b#c`. */
export function isUri(text: string): boolean {
  const scheme = schemeEnd(text);
  return scheme > 0 && isRest(text, hierarchyEnd(text, scheme + 1, true));
}

/** A URI, or what is relative to one; empty, too. */
export function isUriReference(text: string): boolean {
  return isUri(text) || isRest(text, hierarchyEnd(text, 0, false));
}

/** A host name or an IP address, in brackets if it is IPv6, and a port. */
export function isHostAndPort(text: string): boolean {
  let colon = text.length - 1;
  while (colon > 0 && isOf(text.charCodeAt(colon), DIGIT)) {
    colon--;
  }
  if (text.charCodeAt(colon) !== COLON || decimal(text, colon + 1, text.length, 65_535) < 0) {
    return false;
  }
  return text.charCodeAt(0) === OPEN
    ? text.charCodeAt(colon - 1) === CLOSE && isIpv6Within(text, 1, colon - 1)
    : isHostnameWithin(text, colon) || isIpv4Within(text, 0, colon);
}

/** A query and a fragment, if there are any, and the end. */
function isRest(text: string, start: number): boolean {
  let i = start;
  if (i >= 0 && text.charCodeAt(i) === QUESTION) {
    i = queryEnd(text, i + 1);
  }
  if (i >= 0 && text.charCodeAt(i) === HASH) {
    i = queryEnd(text, i + 1);
  }
  return i === text.length;
}

function queryEnd(text: string, start: number): number {
  return charactersEnd(text, start, SEGMENT, SLASH, QUESTION);
}

/** Where characters of some kinds, two more, and percent-encoded ones end; -1 never. */
function charactersEnd(text: string, start: number, kinds: number, one: number, other: number): number {
  let i = start;
  for (;;) {
    const code = text.charCodeAt(i);
    if (isOf(code, kinds) || code === one || code === other) {
      i++;
    } else if (code === PERCENT && isOf(text.charCodeAt(i + 1), HEX) && isOf(text.charCodeAt(i + 2), HEX)) {
      i += 3;
    } else {
      return i;
    }
  }
}

/** Where the colon is that ends the scheme. */
function schemeEnd(text: string): number {
  if (!isOf(text.charCodeAt(0), LETTER)) {
    return -1;
  }
  for (let i = 1; ; i++) {
    const code = text.charCodeAt(i);
    if (!isOf(code, LETTER | DIGIT) && code !== PLUS && code !== HYPHEN && code !== DOT) {
      return code === COLON ? i : -1;
    }
  }
}

/** Authority and path. @param colonAllowed whether the path's first segment may have one, without an authority before it */
function hierarchyEnd(text: string, start: number, colonAllowed: boolean): number {
  if (text.charCodeAt(start) === SLASH && text.charCodeAt(start + 1) === SLASH) {
    const authority = authorityEnd(text, start + 2);
    return authority < 0 ? -1 : charactersEnd(text, authority, SEGMENT, SLASH, SLASH);
  }
  const path = charactersEnd(text, start, SEGMENT, SLASH, SLASH);
  if (!colonAllowed) {
    const colon = text.indexOf(":", start);
    const slash = text.indexOf("/", start);
    if (colon >= 0 && colon < path && (slash < 0 || colon < slash)) {
      return -1;
    }
  }
  return path;
}

function authorityEnd(text: string, start: number): number {
  const user = charactersEnd(text, start, UNRESERVED | SUB_DELIM, COLON, COLON);
  const from = text.charCodeAt(user) === AT ? user + 1 : start;
  const host = text.charCodeAt(from) === OPEN ? literalEnd(text, from + 1) : nameEnd(text, from);
  if (host < 0) {
    return -1;
  }
  let i = host;
  if (text.charCodeAt(i) === COLON) {
    do {
      i++;
    } while (isOf(text.charCodeAt(i), DIGIT));
  }
  const code = text.charCodeAt(i);
  return i >= text.length || code === SLASH || code === QUESTION || code === HASH ? i : -1;
}

function nameEnd(text: string, start: number): number {
  const end = charactersEnd(text, start, UNRESERVED | SUB_DELIM, NONE, NONE);
  return isEncodedWell(text, start, end) ? end : -1;
}

/** Percent-encoded bytes of a host must be UTF-8. */
function isEncodedWell(text: string, start: number, end: number): boolean {
  const percent = text.indexOf("%", start);
  if (percent < 0 || percent >= end) {
    return true;
  }
  try {
    decodeURIComponent(text.slice(start, end));
    return true;
  } catch {
    return false;
  }
}

/** What follows `[`: an IPv6 address, with a zone if it has one, or an address of a later version. */
function literalEnd(text: string, start: number): number {
  let i = start;
  while (isOf(text.charCodeAt(i), HEX) || text.charCodeAt(i) === COLON) {
    i++;
  }
  if (isIpv6Within(text, start, i)) {
    if (text.charCodeAt(i) === CLOSE) {
      return i + 1;
    }
    if (text.startsWith("%25", i)) {
      const zone = charactersEnd(text, i + 3, UNRESERVED, NONE, NONE);
      if (zone > i + 3 && text.charCodeAt(zone) === CLOSE && isEncodedWell(text, i + 3, zone)) {
        return zone + 1;
      }
    }
  }
  return futureEnd(text, start);
}

function futureEnd(text: string, start: number): number {
  let i = start + 1;
  while (isOf(text.charCodeAt(i), HEX)) {
    i++;
  }
  if (text.charCodeAt(start) !== V || i === start + 1 || text.charCodeAt(i) !== DOT) {
    return -1;
  }
  const from = ++i;
  while (isOf(text.charCodeAt(i), UNRESERVED | SUB_DELIM) || text.charCodeAt(i) === COLON) {
    i++;
  }
  return i > from && text.charCodeAt(i) === CLOSE ? i + 1 : -1;
}
