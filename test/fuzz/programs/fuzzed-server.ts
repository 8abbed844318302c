import { setTimeout as delay } from "node:timers/promises";
import { createServer } from "@accord-grpc/runtime";
import { bindProbe } from "../../../runtime/test-support/probe-service.js";
import { serveCommands, tell } from "../../e2e/programs/commands.js";
import { HIDDEN } from "../web-noise.js";

// A generated server under attack. It collects its garbage all the time: in which order that happens is what some faults of Node's
// depend on.

const PADDING = new Uint8Array(64 * 1024);
// More than windows and buffers take.
const MESSAGES = 300;

const speaksWeb = process.argv.includes("web");
let sent = 0;

async function* muchOf(id: string) {
  for (let count = 0; count < MESSAGES; count += 1) {
    sent += 1;
    yield { id, padding: PADDING };
  }
}

const silent = { debug() {}, info() {}, warn() {}, error() {} };
const server = createServer(
  [
    bindProbe({
      unary: ({ id }) => {
        if (id === HIDDEN) {
          tell("fault", { text: "a request was served that hid in another one" });
        }
        return { id };
      },
      async clientStream(requests) {
        let count = 0n;
        for await (const _ of requests) {
          count += 1n;
        }
        return { count };
      },
      serverStream: ({ id }) => muchOf(id),
      async *bidiStream(requests) {
        yield* muchOf("before");
        for await (const { id } of requests) {
          yield { id };
        }
      },
    }),
  ],
  {
    logger: silent,
    handleSignals: false,
    drainMs: 500,
    ...(speaksWeb && { http: { cors: { origins: ["https://a.example"] } } }),
  },
);

const { address } = await server.start("127.0.0.1:0");
setInterval(() => globalThis.gc?.(), 100).unref();
serveCommands({
  memory() {
    globalThis.gc?.();
    return process.memoryUsage.rss();
  },
  /** How many messages of streams there was room for. */
  sent: () => sent,
  /** The process then ends by itself, as it does when nothing is left to do. */
  async end() {
    await server.drain();
    await delay(0);
  },
});
tell("ready", { address });
