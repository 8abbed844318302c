import { Client, credentials, type ServiceError } from "@grpc/grpc-js";
import { afterEach, expect, it } from "vitest";
import { bindProbe } from "../../../test-support/probe-service.js";
import { startTestServer } from "../../testing/test-server.js";

const LIMIT = 20;
const PADDING = new Uint8Array(64 * 1024);
const same = (bytes: Buffer): Buffer => bytes;

const opened: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) {
    await close();
  }
});

it("streams that nobody read leave their places to calls when they are given up", async () => {
  let running = 0;
  const server = await startTestServer(
    [
      bindProbe({
        unary: ({ id }) => ({ id }),
        async *serverStream({ id }) {
          running += 1;
          try {
            for (;;) {
              yield { id, padding: PADDING };
            }
          } finally {
            running -= 1;
          }
        },
      }),
    ],
    { maxConcurrentStreams: LIMIT, drainMs: 0 },
  );
  opened.push(() => server.close());
  // Somebody else's client.
  const client = new Client(server.address, credentials.createInsecure());
  opened.push(() => client.close());
  const streams = Array.from({ length: LIMIT }, () => {
    const stream = client.makeServerStreamRequest("/probe.v1.ProbeService/ServerStream", same, same, Buffer.alloc(0));
    return stream.on("error", () => {}).pause();
  });
  await expect.poll(() => running, { timeout: 30_000 }).toBe(LIMIT);
  for (const stream of streams) {
    stream.cancel();
  }
  await expect.poll(() => running, { timeout: 30_000 }).toBe(0);

  const errors = await Promise.all(
    streams.map(
      () =>
        new Promise<ServiceError | null>((resolve) => {
          client.makeUnaryRequest("/probe.v1.ProbeService/Unary", same, same, Buffer.alloc(0), resolve);
        }),
    ),
  );
  expect(errors).toEqual(errors.map(() => null));
});
