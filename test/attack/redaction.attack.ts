import { inspect } from "node:util";
import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { MemoryLogger, startTestServer, type TestServer } from "../../runtime/src/testing/index.js";
import { type NestedSchema, ProbeRequestSchema } from "../../runtime/test-support/gen/probe/v1/probe_pb.js";
import { type ProbeClient, probeClient } from "../../runtime/test-support/probe-client.js";
import { bindProbe } from "../../runtime/test-support/probe-service.js";
import { RawHttp2 } from "../../runtime/test-support/raw-http2.js";
import { anyText, rawFrame } from "./raw-frames.js";

// What is redacted is in no log line and in no status, wherever it stands in a message, and however a call ends.

const SECRET = "hunter2-7f3a";
const times = Number(process.env.ATTACK_TIMES ?? 1);
const logger = new MemoryLogger();
let server: TestServer;
let client: ProbeClient;

beforeAll(async () => {
  server = await startTestServer(
    [
      bindProbe({
        unary(request) {
          if (request.action === "throw") {
            throw new Error("failed");
          }
          return { id: request.id, token: SECRET };
        },
        async *serverStream(request) {
          yield { id: request.id, token: SECRET };
          if (request.action === "throw") {
            throw new Error("failed");
          }
        },
      }),
    ],
    { logger },
  );
  client = probeClient(server.channel);
});
afterAll(() => server.close());

const nested: fc.Arbitrary<MessageInitShape<typeof NestedSchema>> = fc.letrec<{
  node: MessageInitShape<typeof NestedSchema>;
}>((tie) => ({
  node: fc.record(
    {
      name: anyText,
      password: fc.constant(SECRET),
      child: fc.oneof({ depthSize: "small", withCrossShrink: true }, fc.constant({ password: SECRET }), tie("node")),
      children: fc.array(tie("node"), { maxLength: 2 }),
    },
    { requiredKeys: ["password"] },
  ),
})).node;

const request: fc.Arbitrary<MessageInitShape<typeof ProbeRequestSchema>> = fc.record(
  { id: anyText, action: fc.constantFrom("", "throw"), secret: fc.constant(SECRET), nested },
  { requiredKeys: ["secret"] },
);

it("is logged nowhere, and sent nowhere but where it belongs", async () => {
  await fc.assert(
    fc.asyncProperty(request, async (init) => {
      logger.lines.length = 0;
      const ends = await Promise.allSettled([
        client.unary(init),
        (async () => {
          for await (const _ of client.serverStream(init)) {
            // Only the lines are of interest.
          }
        })(),
      ]);
      await expect.poll(() => logger.lines.length).toBe(4);
      for (const { message, fields } of logger.lines) {
        expect(`${message} ${inspect(fields, { depth: 10 })}`).not.toContain(SECRET);
      }
      for (const end of ends) {
        expect(end.status === "rejected" ? String(end.reason) : "").not.toContain(SECRET);
      }
    }),
    { numRuns: 40 * times },
  );
});

it("isn't read out of bytes that are cut off, or that nobody knows, either", async () => {
  const whole = toBinary(
    ProbeRequestSchema,
    create(ProbeRequestSchema, { secret: SECRET, nested: { password: SECRET } }),
  );
  // The field 99, length-delimited, which the contract doesn't have.
  const unknown = Buffer.concat([Buffer.from([0x9a, 0x06, SECRET.length]), Buffer.from(SECRET)]);
  for (const bytes of [unknown, ...Array.from(whole, (_, end) => whole.subarray(0, end))]) {
    logger.lines.length = 0;
    const peer = new RawHttp2(server.address);
    const head = Buffer.alloc(5);
    head.writeUInt32BE(bytes.length, 1);
    peer.write(RawHttp2.headers("/probe.v1.ProbeService/Unary"), rawFrame(0, 1, 1, Buffer.concat([head, bytes])));
    await expect.poll(() => logger.lines.length).toBeGreaterThan(1);
    peer.socket.destroy();
    for (const { message, fields } of logger.lines) {
      expect(`${message} ${inspect(fields, { depth: 10 })}`).not.toContain(SECRET);
    }
  }
});
