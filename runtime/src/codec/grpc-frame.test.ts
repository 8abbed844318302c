import { create } from "@bufbuild/protobuf";
import { type Any, AnySchema } from "@bufbuild/protobuf/wkt";
import { Client, credentials, Server, ServerCredentials, type ServerWritableStream } from "@grpc/grpc-js";
import { afterAll, beforeAll, expect, test } from "vitest";
import { AnyCodec } from "./well-known-types.js";

// What grpc-js does with an encoded message: the server frames it before `write` returns, so that it can be a transient one.

const anyOf = (size: number) => create(AnySchema, { typeUrl: `size/${size}`, value: new Uint8Array(size).fill(size) });
const sizes = [0, 1, 100, 5_000, 70_000, 3, 2_000_000, 7];
const path = "/codec.test/Echo";

let server: Server;
let client: Client;

beforeAll(async () => {
  server = new Server();
  server.addService(
    {
      echo: {
        path,
        requestStream: false,
        responseStream: true,
        requestSerialize: (message: Any) => AnyCodec.encode(message),
        requestDeserialize: (bytes: Buffer) => AnyCodec.decode(bytes),
        // grpc-js's types ask for a Buffer; it calls `byteLength` and `copy`.
        responseSerialize: (message: Any) => AnyCodec.encodeTransient(message) as Buffer,
        responseDeserialize: (bytes: Buffer) => AnyCodec.decode(bytes),
      },
    },
    {
      echo(call: ServerWritableStream<Any, Any>) {
        call.write(call.request);
        for (const size of sizes) {
          call.write(anyOf(size));
        }
        call.end();
      },
    },
  );
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
});

afterAll(() => {
  client.close();
  server.forceShutdown();
});

test("grpc-js's server sends transient messages whole, one behind the other", async () => {
  const received: Any[] = [];
  const call = client.makeServerStreamRequest(path, AnyCodec.encode, AnyCodec.decode, anyOf(1_234));
  for await (const message of call) {
    received.push(message as Any);
  }
  expect(received.map(({ typeUrl, value }) => [typeUrl, value.length])).toEqual(
    [1_234, ...sizes].map((size) => [`size/${size}`, size]),
  );
  // Compared as bytes: item by item, two million take a minute on a busy machine.
  expect(
    received.every(({ value }) => Buffer.compare(value, new Uint8Array(value.length).fill(value.length)) === 0),
  ).toBe(true);
});
