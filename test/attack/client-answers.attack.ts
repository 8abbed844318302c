import { type AddressInfo, createServer, type Socket } from "node:net";
import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { insecureChannel, probeClient } from "../../runtime/test-support/probe-client.js";
import { ProbeError } from "../../runtime/test-support/probe-errors.js";
import { FRAME, readFrames } from "../../runtime/test-support/raw-http2.js";
import { anyFrame, anyMessage, anyText, headerField, rawFrame } from "./raw-frames.js";

// Whatever a server answers, a call ends by its deadline: with a response, or an error of the package's hierarchy.

const times = Number(process.env.ATTACK_TIMES ?? 1);
const uncaught: unknown[] = [];
const keep = (error: unknown) => uncaught.push(error);
beforeAll(() => {
  process.on("uncaughtException", keep);
  process.on("unhandledRejection", keep);
});
afterAll(() => {
  process.off("uncaughtException", keep);
  process.off("unhandledRejection", keep);
});

/** Calls a server that answers the first request with `answer`, and expects how it ends. */
async function call(answer: readonly Buffer[]): Promise<void> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.write(rawFrame(FRAME.settings, 0, 0, Buffer.alloc(0)));
    readFrames(socket, (frame) => {
      if (frame.type === FRAME.headers) {
        socket.write(Buffer.concat(answer));
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const channel = insecureChannel(`127.0.0.1:${(server.address() as AddressInfo).port}`);
  const client = probeClient(channel, {}, { timeoutMs: 150 });
  try {
    const ends = await Promise.allSettled([
      client.unary({ id: "1" }),
      (async () => {
        for await (const _ of client.serverStream({ id: "1" })) {
          // Only its end is of interest.
        }
      })(),
    ]);
    for (const end of ends) {
      expect(end.status === "fulfilled" || end.reason instanceof ProbeError).toBe(true);
    }
    expect(uncaught).toEqual([]);
  } finally {
    channel.close();
    server.close();
    for (const socket of sockets) {
      socket.destroy();
    }
  }
}

const headers = fc
  .array(
    fc.tuple(
      fc.constantFrom(
        ":status",
        "content-type",
        "grpc-status",
        "grpc-message",
        "grpc-status-details-bin",
        "grpc-encoding",
        "x-a",
        "a-bin",
        "grpc-retry-pushback-ms",
      ),
      fc.oneof(
        anyText,
        fc.constantFrom("200", "503", "application/grpc", "text/html", "0", "5", "99", "-1", "gzip", "CAUSBGdvbmU="),
      ),
    ),
    { maxLength: 6 },
  )
  .map((fields) =>
    Buffer.concat([headerField(":status", "200"), ...fields.map(([name, value]) => headerField(name, value))]),
  );

it("frames of all kinds, in any order", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyFrame, { minLength: 1, maxLength: 8 }), (frames) => call(frames)),
    { numRuns: 15 * times },
  );
});

it("answers with headers, messages and trailers that no library would send", async () => {
  await fc.assert(
    fc.asyncProperty(headers, fc.array(anyMessage, { maxLength: 3 }), headers, (head, messages, trailers) =>
      call([
        rawFrame(FRAME.headers, 4, 1, head),
        ...messages.map((message) => rawFrame(FRAME.data, 0, 1, message)),
        rawFrame(FRAME.headers, 5, 1, trailers),
      ]),
    ),
    { numRuns: 15 * times },
  );
});
