import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MessageReader } from "./message-reader.js";

const KiB = 1024;

function framed(bytes: Uint8Array, flag = 0, length = bytes.byteLength): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt8(flag, 0);
  head.writeUInt32BE(length, 1);
  return Buffer.concat([head, bytes]);
}

/** Reads all that there is, as whoever pulls without end does. */
function readAll(reader: MessageReader, chunks: readonly Buffer[]): Buffer[] {
  const messages: Buffer[] = [];
  for (const chunk of chunks) {
    reader.push(chunk);
    for (let message = reader.read(); message !== undefined; message = reader.read()) {
      messages.push(message);
    }
  }
  return messages;
}

describe("a reader of messages", () => {
  it("gives the same messages however their bytes are cut", () => {
    const bytes = fc.uint8Array({ maxLength: 300 });
    const cuts = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 });
    fc.assert(
      fc.property(fc.array(bytes, { maxLength: 6 }), cuts, (messages, sizes) => {
        const stream = Buffer.concat(messages.map((message) => framed(message)));
        const chunks: Buffer[] = [];
        for (let at = 0, index = 0; at < stream.byteLength; index += 1) {
          const end = at + (sizes[index % sizes.length] ?? 1);
          chunks.push(stream.subarray(at, end));
          at = end;
        }
        const reader = new MessageReader(1000, false);
        expect(readAll(reader, chunks)).toEqual(messages.map((message) => Buffer.from(message)));
        expect(reader.isWithinMessage).toBe(false);
        expect(reader.heldBytes).toBe(0);
      }),
    );
  });

  it("gives what is large in one piece", () => {
    const message = Buffer.alloc(300_000, 7);
    const stream = framed(message);
    const reader = new MessageReader(300_000, false);
    const chunks = Array.from({ length: 31 }, (_, index) => stream.subarray(index * 10_000, (index + 1) * 10_000));
    expect(readAll(reader, chunks)).toEqual([message]);
  });

  it.each([
    [1, 16 * KiB],
    [16 * KiB, 16 * KiB],
    [16 * KiB + 1, 64 * KiB],
    [64 * KiB + 1, 64 * KiB + 1],
    [300 * KiB, 300 * KiB],
  ])("of a large message, %i bytes take %i", (bytes, taken) => {
    const reader = new MessageReader(4096 * KiB, false);
    reader.push(framed(Buffer.alloc(bytes), 0, 4096 * KiB));
    expect(reader.read()).toBeUndefined();
    expect(reader.heldBytes).toBe(taken);
    expect(reader.missingBytes).toBe(4096 * KiB - bytes);
  });

  it("gives the same message when all of it was expected before it came", () => {
    const message = Buffer.alloc(100_000, 7);
    const stream = framed(message);
    const reader = new MessageReader(100_000, false);
    reader.push(stream.subarray(0, 20_000));
    expect(reader.read()).toBeUndefined();
    reader.expectAll();
    reader.push(stream.subarray(20_000));
    expect(reader.read()?.equals(message)).toBe(true);
  });

  it("keeps what it wasn't asked for", () => {
    const reader = new MessageReader(100, false);
    reader.push(Buffer.concat([framed(Buffer.from("a")), framed(Buffer.from("b"))]));
    expect(reader.read()?.toString()).toBe("a");
    expect(reader.hasUnread).toBe(true);
    reader.push(framed(Buffer.from("c")));
    expect([reader.read()?.toString(), reader.read()?.toString(), reader.read()]).toEqual(["b", "c", undefined]);
  });

  it("refuses what is too large from its five first bytes, and holds nothing of it", () => {
    const reader = new MessageReader(100, false);
    reader.push(framed(Buffer.alloc(0), 0, 0xffff_ffff));
    expect(reader.read()).toBeUndefined();
    expect(reader.fault?.message).toBe("The request has 4294967295 bytes, and the limit is 100");
    expect(reader.heldBytes).toBe(0);
  });

  it.each([
    [2, true, "A message has the flag 2"],
    [255, false, "A message has the flag 255"],
    [1, false, "A message is compressed, and the call has no encoding"],
  ])("refuses the flag %i (encoding: %s)", (flag, encoded, text) => {
    const reader = new MessageReader(100, encoded);
    reader.push(framed(Buffer.from("a"), flag));
    expect(reader.read()).toBeUndefined();
    expect(reader.fault?.message).toBe(text);
    reader.push(framed(Buffer.from("b")));
    expect(reader.read()).toBeUndefined();
  });

  it("doesn't keep all of a packet for a small message", () => {
    const packet = Buffer.from(new ArrayBuffer(64 * 1024));
    framed(Buffer.from("small")).copy(packet);
    const reader = new MessageReader(100, false);
    reader.push(packet.subarray(0, 10));
    const message = reader.read();
    expect(message?.toString()).toBe("small");
    expect(message?.buffer).not.toBe(packet.buffer);
  });
});
