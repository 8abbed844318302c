import type { Random } from "./random.js";

/** Bytes that a bug, a bad line or an attacker could have made of a message. Some of them are messages all the same. */
export function malform(bytes: Uint8Array, random: Random): Uint8Array {
  const changed = MUTATIONS[random.below(MUTATIONS.length)]?.(bytes, random) ?? bytes;
  return random.oneIn(4) ? malform(changed, random) : changed;
}

type Mutation = (bytes: Uint8Array, random: Random) => Uint8Array;

const truncate: Mutation = (bytes, random) => Uint8Array.from(bytes.subarray(0, random.below(bytes.length + 1)));

const flipBit: Mutation = (bytes, random) => {
  const copy = Uint8Array.from(bytes);
  const at = random.below(copy.length || 1);
  if (copy.length > 0) {
    copy[at] = (copy[at] ?? 0) ^ (1 << random.below(8));
  }
  return copy;
};

const setByte: Mutation = (bytes, random) => {
  const copy = Uint8Array.from(bytes);
  copy[random.below(copy.length || 1)] = random.pick([
    0,
    1,
    0x7f,
    0x80,
    0xff,
    0xc0,
    0xed,
    0x0b,
    0x0c,
    random.below(256),
  ]);
  return copy.subarray(0, bytes.length);
};

const insert: Mutation = (bytes, random) => splice(bytes, random, 0, random.pick(SNIPPETS));

const remove: Mutation = (bytes, random) => splice(bytes, random, 1 + random.below(4), []);

/** Fields twice, sub-messages to merge. */
const repeat: Mutation = (bytes, random) => {
  const start = random.below(bytes.length + 1);
  const end = start + random.below(bytes.length - start + 1);
  return Buffer.concat([bytes.subarray(0, end), bytes.subarray(start)]);
};

const append: Mutation = (bytes, random) => Buffer.concat([bytes, Uint8Array.from(random.pick(SNIPPETS))]);

/** Ends a varint later than it need. */
const lengthen: Mutation = (bytes, random) => {
  const at = random.below(bytes.length || 1);
  const byte = bytes[at] ?? 0;
  const zeros = random.pick([0, 1, 3, 4, 8, 9, 12]);
  return byte >= 0x80
    ? bytes
    : Buffer.concat([
        bytes.subarray(0, at),
        Uint8Array.of(byte | 0x80, ...new Array<number>(zeros).fill(0x80), 0),
        bytes.subarray(at + 1),
      ]);
};

const nest: Mutation = (bytes, random) => {
  const tag = random.pick([0x0a, 0x12, 0x1a, 0x22]);
  let nested = bytes.subarray(0, 100);
  for (let depth = random.pick([1, 2, 99, 100, 101]); depth > 0 && nested.length < 16_000; depth--) {
    const length = nested.length < 128 ? [nested.length] : [(nested.length & 0x7f) | 0x80, nested.length >> 7];
    nested = Buffer.concat([Uint8Array.of(tag, ...length), nested]);
  }
  return nested;
};

const noise: Mutation = (_, random) => Uint8Array.from({ length: random.below(40) }, () => random.bits() & 0xff);

const MUTATIONS = [truncate, flipBit, flipBit, setByte, setByte, insert, remove, repeat, append, lengthen, nest, noise];

const SNIPPETS: readonly (readonly number[])[] = [
  // Field number 0, wire types 6 and 7, ends of groups that never began.
  [0],
  [0x0e],
  [0x0f],
  [0x0c],
  [0x14],
  // Groups: empty, nested, with another end.
  [0x0b, 0x0c],
  [0x0b, 0x13, 0x14, 0x0c],
  [0x0b, 0x14],
  new Array<number>(120).fill(0x0b),
  // Huge lengths.
  [0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f],
  [0x0a, 0xff, 0xff, 0xff, 0xff, 0x07],
  [0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
  // The longest varints, and longer ones.
  [0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
  [0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f],
  [0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
  // Tags with more bytes than they need, and more than they may have.
  [0x88, 0x00, 0x01],
  [0x88, 0x80, 0x80, 0x80, 0x00, 0x01],
  [0x88, 0x80, 0x80, 0x80, 0x10, 0x01],
  [0x88, 0x80, 0x80, 0x80, 0x80, 0x00, 0x01],
  // Not UTF-8: a lone continuation, an overlong form, a surrogate, a code point too high, a sequence that ends early.
  [0x0a, 1, 0x80],
  [0x0a, 2, 0xc0, 0x80],
  [0x0a, 3, 0xed, 0xa0, 0x80],
  [0x0a, 4, 0xf4, 0x90, 0x80, 0x80],
  [0x0a, 2, 0xe2, 0x82],
  [0x72, 20, ...new Array<number>(19).fill(0x61), 0xff],
  // Minus zero, infinity, and a NaN that isn't the usual one.
  [0x09, 0, 0, 0, 0, 0, 0, 0, 0x80],
  [0x09, 0, 0, 0, 0, 0, 0, 0xf0, 0x7f],
  [0x09, 1, 0, 0, 0, 0, 0, 0xf0, 0xff],
  [0x15, 0, 0, 0x80, 0xff],
];

function splice(bytes: Uint8Array, random: Random, removed: number, inserted: readonly number[]): Uint8Array {
  const at = random.below(bytes.length + 1);
  return Buffer.concat([bytes.subarray(0, at), Uint8Array.from(inserted), bytes.subarray(at + removed)]);
}
