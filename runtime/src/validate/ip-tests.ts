import { DIGIT, HEX, isOf } from "./character-kinds.js";

const [PERCENT, DOT, SLASH, ZERO, COLON] = [0x25, 0x2e, 0x2f, 0x30, 0x3a] as const;

/** The 16-bit parts of the address that was read last, of an IPv4 address two. It is read again before anyone else asks. */
const parts = new Uint16Array(8);

/** An IPv4 or IPv6 address. */
export function isIp(text: string): boolean {
  return isIpv4(text) || isIpv6(text);
}

/** An IPv4 address: four decimal numbers without zeros before them. */
export function isIpv4(text: string): boolean {
  return isIpv4Within(text, 0, text.length);
}

/** The same, of a part of a text. */
export function isIpv4Within(text: string, start: number, end: number): boolean {
  return ipv4End(text, start, end, 0) === end;
}

/** An IPv6 address, with a zone if it has one: `fe80::1%en0`. */
export function isIpv6(text: string): boolean {
  return isIpv6Within(text, 0, text.length);
}

/** The same, of a part of a text. */
export function isIpv6Within(text: string, start: number, end: number): boolean {
  return ipv6End(text, start, end, true) === end;
}

/** An address and the length of its network's prefix: `10.0.0.1/8`. */
export function isIpWithPrefix(text: string): boolean {
  return isIpv6WithPrefix(text) || isIpv4WithPrefix(text);
}

/** The same of an IPv4 address. */
export function isIpv4WithPrefix(text: string): boolean {
  return ipv4Prefix(text) >= 0;
}

/** The same of an IPv6 address. */
export function isIpv6WithPrefix(text: string): boolean {
  return ipv6Prefix(text) >= 0;
}

/** A network: an address and a prefix, beyond which all bits are 0. */
export function isIpPrefix(text: string): boolean {
  return isIpv6Prefix(text) || isIpv4Prefix(text);
}

/** An IPv4 network. */
export function isIpv4Prefix(text: string): boolean {
  const length = ipv4Prefix(text);
  return length >= 0 && isZeroFrom(length, 2);
}

/** An IPv6 network. */
export function isIpv6Prefix(text: string): boolean {
  const length = ipv6Prefix(text);
  return length >= 0 && isZeroFrom(length, 8);
}

function isZeroFrom(bit: number, count: number): boolean {
  for (let i = 0; i < count; i++) {
    const kept = Math.min(16, Math.max(0, bit - 16 * i));
    if (((parts[i] ?? 0) & (0xffff >> kept)) !== 0) {
      return false;
    }
  }
  return true;
}

/** The length of the prefix, or -1 if it is no address with one. */
function ipv4Prefix(text: string): number {
  return prefixLength(text, ipv4End(text, 0, text.length, 0), 32);
}

function ipv6Prefix(text: string): number {
  return prefixLength(text, ipv6End(text, 0, text.length, false), 128);
}

function prefixLength(text: string, start: number, max: number): number {
  if (start < 0 || text.charCodeAt(start) !== SLASH) {
    return -1;
  }
  return decimal(text, start + 1, text.length, max);
}

/** A whole number without zeros before it, or -1. */
export function decimal(text: string, start: number, end: number, max: number): number {
  let value = 0;
  for (let i = start; i < end; i++) {
    const code = text.charCodeAt(i);
    if (!isOf(code, DIGIT) || (i > start && value === 0)) {
      return -1;
    }
    value = value * 10 + code - ZERO;
    if (value > max) {
      return -1;
    }
  }
  return end > start ? value : -1;
}

/** Where an IPv4 address ends, or -1. @param at which of the parts its bits are kept as */
function ipv4End(text: string, start: number, end: number, at: number): number {
  let i = start;
  for (let octet = 0; octet < 4; octet++) {
    if (octet > 0) {
      if (i >= end || text.charCodeAt(i) !== DOT) {
        return -1;
      }
      i++;
    }
    const from = i;
    while (i < end && i - from < 4 && isOf(text.charCodeAt(i), DIGIT)) {
      i++;
    }
    const value = decimal(text, from, i, 255);
    if (value < 0) {
      return -1;
    }
    const index = at + (octet >> 1);
    parts[index] = octet % 2 === 0 ? value << 8 : (parts[index] ?? 0) | value;
  }
  return i;
}

/** Where an IPv6 address ends, or -1. RFC 4291, and RFC 4007's zones. */
function ipv6End(text: string, start: number, end: number, zoneAllowed: boolean): number {
  let count = 0;
  let gapAt = -1;
  let i = start;
  while (i < end) {
    if ((gapAt >= 0 || count === 6) && isDotted(text, i, end)) {
      const after = ipv4End(text, i, end, Math.min(count, 6));
      if (after < 0 || isOf(text.charCodeAt(after), DIGIT) || text.charCodeAt(after) === DOT) {
        return -1;
      }
      fillGap(gapAt, count + 2);
      return after;
    }
    const from = i;
    let value = 0;
    while (i < end && isOf(text.charCodeAt(i), HEX)) {
      if (i - from === 4) {
        return -1;
      }
      value = value * 16 + hexDigit(text.charCodeAt(i));
      i++;
    }
    if (i > from) {
      if (count < 8) {
        parts[count] = value;
      }
      count++;
      continue;
    }
    const code = text.charCodeAt(i);
    if (code === COLON) {
      i++;
      if (i < end && text.charCodeAt(i) === COLON) {
        i++;
        if (gapAt >= 0 || (i < end && text.charCodeAt(i) === COLON)) {
          return -1;
        }
        gapAt = count;
      } else if (i === start + 1 || i === end) {
        return -1;
      }
      continue;
    }
    if (code === PERCENT) {
      if (!zoneAllowed || i + 1 === end) {
        return -1;
      }
      i = end;
    }
    break;
  }
  if (gapAt >= 0 ? count > 7 : count !== 8) {
    return -1;
  }
  fillGap(gapAt, count);
  return i;
}

/** Whether digits and dots follow that are enough for an IPv4 address. */
function isDotted(text: string, start: number, end: number): boolean {
  let i = start;
  while (i < end && (isOf(text.charCodeAt(i), DIGIT) || text.charCodeAt(i) === DOT)) {
    i++;
  }
  return i - start >= 7;
}

/** Puts zeros where `::` stands. */
function fillGap(gapAt: number, count: number): void {
  if (gapAt < 0 || count >= 8) {
    return;
  }
  parts.copyWithin(gapAt + 8 - count, gapAt, count);
  parts.fill(0, gapAt, gapAt + 8 - count);
}

function hexDigit(code: number): number {
  return code <= 0x39 ? code - ZERO : (code | 0x20) - 0x57;
}
