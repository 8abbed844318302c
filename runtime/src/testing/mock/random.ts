/** Numbers that a seed decides. */
export interface Random {
  /** From 0 to below 1. */
  next(): number;
  /** A whole number, both ends included. */
  between(least: number, most: number): number;
  /** One of a list that isn't empty. */
  pick<T>(from: readonly [T, ...T[]]): T;
}

/** Makes a sequence of numbers that depends on nothing but what it is given. */
export function randomOf(...of: readonly (string | number | Uint8Array)[]): Random {
  let state = of.reduce<number>((hash, part) => hashed(hash, part), 0x811c9dc5);
  // mulberry32: 32 bits of state are plenty for data that only has to look right.
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  return {
    next,
    between: (least, most) => least + Math.floor(next() * (most - least + 1)),
    pick: (from) => from[Math.floor(next() * from.length)] ?? from[0],
  };
}

// FNV-1a, with a step behind each part so that ("ab", "c") isn't ("a", "bc").
function hashed(hash: number, part: string | number | Uint8Array): number {
  const bytes = part instanceof Uint8Array ? part : Buffer.from(String(part));
  let result = hash;
  for (const byte of bytes) {
    result = Math.imul(result ^ byte, 0x01000193);
  }
  return Math.imul(result ^ 0xff ^ bytes.length, 0x01000193);
}

/** So many hexadecimal digits. */
export function hexDigits(random: Random, count: number): string {
  return Array.from({ length: count }, () => random.between(0, 15).toString(16)).join("");
}

/** A UUID of version 4. */
export function uuidOf(random: Random): string {
  const digits = (count: number): string => hexDigits(random, count);
  return `${digits(8)}-${digits(4)}-4${digits(3)}-${random.pick(["8", "9", "a", "b"])}${digits(3)}-${digits(12)}`;
}
