import fc from "fast-check";

/** An HTTP/2 frame as it goes out, whatever its head says of it. */
export function rawFrame(
  type: number,
  flags: number,
  stream: number,
  payload: Uint8Array,
  length = payload.length,
): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(length & 0xffffff, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream >>> 0, 5);
  return Buffer.concat([head, payload]);
}

/** A header field as HPACK's literal without indexing. */
export function headerField(name: string, value: string): Buffer {
  const length = (text: string) => {
    const bytes = Buffer.byteLength(text);
    // RFC 7541, 5.1: an integer with a prefix of seven bits.
    return bytes < 127 ? [bytes] : [127, ...continuation(bytes - 127)];
  };
  return Buffer.concat([
    Buffer.from([0, ...length(name)]),
    Buffer.from(name),
    Buffer.from(length(value)),
    Buffer.from(value),
  ]);
}

function continuation(value: number): number[] {
  return value < 128 ? [value] : [(value % 128) + 128, ...continuation(Math.floor(value / 128))];
}

const flags = fc.oneof(fc.constantFrom(0, 1, 4, 5, 8, 0x20, 0x25), fc.integer({ min: 0, max: 255 }));
const streams = fc.oneof(fc.constantFrom(0, 1, 3, 5), fc.constantFrom(2, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1));
const bytes = fc.uint8Array({ maxLength: 64 });

/** Frames of every type, with payloads that mean something or nothing, and lengths that lie. */
export const anyFrame: fc.Arbitrary<Buffer> = fc
  .tuple(
    fc.oneof(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 10, max: 255 })),
    flags,
    streams,
    bytes,
    fc.oneof({ weight: 9, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: fc.nat(2 ** 24 - 1) }),
  )
  .map(([type, flag, stream, payload, length]) => rawFrame(type, flag, stream, payload, length ?? payload.length));

/** gRPC's framing of a message: lawful, or with a flag, a length or bytes that aren't. */
export const anyMessage: fc.Arbitrary<Buffer> = fc
  .tuple(
    fc.constantFrom(0, 0, 0, 1, 2, 255),
    bytes,
    fc.oneof(
      { weight: 5, arbitrary: fc.constant(undefined) },
      { weight: 1, arbitrary: fc.constantFrom(0, 1, 2 ** 31, 2 ** 32 - 1) },
    ),
  )
  .map(([flag, message, length]) => {
    const head = Buffer.alloc(5);
    head.writeUInt8(flag, 0);
    head.writeUInt32BE(length ?? message.length, 1);
    return Buffer.concat([head, message]);
  });

/** Text that headers, ids and messages are made of: lines to forge, sequences to steer a terminal with, secrets' names. */
export const anyText: fc.Arbitrary<string> = fc
  .array(
    fc.constantFrom(
      "a",
      "1",
      " ",
      "\u0000",
      "\n",
      "\r\n",
      "\u001b[31m",
      "\u0085",
      "\u2028",
      "\u202e",
      '"',
      "}",
      "é",
      "😀",
      "%",
      "%zz",
      "level=error",
    ),
    { maxLength: 8 },
  )
  .map((parts) => parts.join(""));
