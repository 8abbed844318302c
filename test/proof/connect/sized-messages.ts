import type { Readable, Writable } from "node:stream";
import { type DescMessage, fromBinary, type MessageShape, toBinary } from "@bufbuild/protobuf";

/** The messages of a stream in which each has its length, 32 bits, before it. */
export async function* readSized<Desc extends DescMessage>(
  input: Readable,
  schema: Desc,
): AsyncGenerator<MessageShape<Desc>> {
  let read = Buffer.alloc(0);
  for await (const chunk of input) {
    read = Buffer.concat([read, chunk as Buffer]);
    while (read.length >= 4 && read.length >= 4 + read.readUInt32BE(0)) {
      const end = 4 + read.readUInt32BE(0);
      yield fromBinary(schema, read.subarray(4, end));
      read = read.subarray(end);
    }
  }
}

/** Writes a message with its length before it. */
export function writeSized<Desc extends DescMessage>(output: Writable, schema: Desc, message: MessageShape<Desc>) {
  const bytes = toBinary(schema, message);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.byteLength);
  output.write(Buffer.concat([length, bytes]));
}
