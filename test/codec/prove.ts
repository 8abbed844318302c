import { create, fromBinary, type Message, toBinary } from "@bufbuild/protobuf";
import { expect } from "vitest";
import type { GeneratedCodec } from "./generated-codecs.js";
import { initShapeOf } from "./init-shape.js";
import { malform } from "./malform.js";
import { Random } from "./random.js";
import { randomMessage } from "./random-message.js";
import { expectSame, outcome } from "./same.js";
import { spoil } from "./spoil.js";

/**
 * Proves, for one random message, that a codec does what protobuf-es does: with the message, with what `create` would make it
 * of, with values that don't belong into its fields, and with malformed variants of its bytes.
 *
 * @param seed picks the message
 * @param variants how many malformed variants to try
 */
export function proveCodec(generated: GeneratedCodec, seed: number, variants: number): void {
  const { schema, codec } = generated;
  const random = new Random(seed);
  const message = randomMessage(schema, random);
  const encoded = outcome(() => toBinary(schema, message));
  if ("error" in encoded) {
    proveEncoding(generated, message);
    return;
  }
  const bytes = encoded.value;

  // What is well-formed is generated code's alone.
  expectBytes(generated.writeStatically(message), bytes);
  expectBytes(codec.encode(message), bytes);
  expectSame(schema, generated.readStatically(bytes), fromBinary(schema, bytes));

  const init = initShapeOf(schema, message, random);
  proveEncoding(generated, init);

  if (spoil(schema, message, random)) {
    proveEncoding(generated, message);
  }

  for (let variant = 0; variant < variants; variant++) {
    proveDecoding(generated, malform(bytes, random));
  }
}

/** Proves that a codec makes of bytes what protobuf-es makes of them: the same message, or the same error. */
export function proveDecoding({ schema, codec }: GeneratedCodec, bytes: Uint8Array): void {
  const expected = outcome(() => fromBinary(schema, new Uint8Array(bytes)));
  // As they come from the network.
  const actual = outcome(() => codec.decode(Buffer.from(bytes)));
  if ("error" in expected || "error" in actual) {
    expect(actual).toEqual(expected);
  } else {
    expectSame(schema, actual.value, expected.value);
    proveEncoding({ schema, codec }, actual.value);
  }
}

/** Proves that a codec makes of a value what protobuf-es makes of it: the same bytes, or the same error. */
export function proveEncoding({ schema, codec }: Pick<GeneratedCodec, "schema" | "codec">, value: object): void {
  const expected = outcome(() => toBinary(schema, create(schema, value as Message)));
  const actual = outcome(() => codec.encode(value as Message));
  if ("error" in expected || "error" in actual) {
    expect(actual).toEqual(expected);
  } else {
    expectBytes(actual.value, expected.value);
  }
}

function expectBytes(actual: Uint8Array, expected: Uint8Array): void {
  if (Buffer.compare(actual, expected) !== 0) {
    expect(Buffer.from(actual).toString("hex")).toBe(Buffer.from(expected).toString("hex"));
  }
}

/** Says of an error which message it was. */
export function withSeed(seed: string | number, run: () => void): void {
  try {
    run();
  } catch (cause) {
    throw new Error(`With ${seed}: ${String(cause).slice(0, 1000)}`, { cause });
  }
}
