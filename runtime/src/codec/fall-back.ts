// Made once: nobody reads its stack, and capturing one takes longer than decoding a small message.
const FALL_BACK = new Error("Not for a static codec");

/**
 * Gives up on a message, so that protobuf-es has a go at it: it knows which error this is, or what to make of it after all.
 *
 * What generated code can't do is left to protobuf-es as a whole. So malformed bytes and values of the wrong type end in
 * the same errors with and without static codecs, and rare but legal encodings need no code of their own.
 */
export function fallBack(): never {
  throw FALL_BACK;
}
