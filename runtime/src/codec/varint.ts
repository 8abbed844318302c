/** Stores an unsigned varint of 32 bits, up to five bytes. @returns where it ends */
export function storeVarint32(bytes: Uint8Array, start: number, value: number): number {
  let at = start;
  let rest = value;
  while (rest > 0x7f) {
    bytes[at++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  bytes[at++] = rest;
  return at;
}

/** Stores a varint of 64 bits, given as two halves, signed or not: up to ten bytes. @returns where it ends */
export function storeVarint64(bytes: Uint8Array, start: number, low: number, high: number): number {
  let at = start;
  let lower = low;
  let upper = high;
  while (upper !== 0) {
    bytes[at++] = (lower & 0x7f) | 0x80;
    lower = (lower >>> 7) | (upper << 25);
    upper >>>= 7;
  }
  return storeVarint32(bytes, at, lower >>> 0);
}

/** How many bytes an unsigned varint of 32 bits has. */
export function varintSize(value: number): number {
  if (value < 0x80) {
    return 1;
  }
  if (value < 0x4000) {
    return 2;
  }
  if (value < 0x20_0000) {
    return 3;
  }
  return value < 0x1000_0000 ? 4 : 5;
}
