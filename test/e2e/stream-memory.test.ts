import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { ChildProcess } from "./child-process.js";
import { startProgram } from "./node-program.js";

// Much data through a slow reader, with the server and the client in processes of their own, so that each one's memory is
// what the transfer costs: 80 MB, or 210 MB with `npm run soak`.

const SOAK = process.env.ACCORD_SOAK !== undefined;
/** Of 64 KiB each. */
const MESSAGES = SOAK ? 3200 : 1200;
/** What may be under way: 1 MiB in grpc-js's retry buffer, the windows of HTTP/2, the sockets' buffers. */
const MOST_MESSAGES_UNDER_WAY = 150;
/** Far below what is transferred. Most of it is what V8 hasn't collected yet. */
const MOST_BYTES = 70 * 1024 * 1024;

let server: ChildProcess;
let client: ChildProcess;
let target: unknown;

beforeAll(async () => {
  const nodeArgs = ["--expose-gc", "--max-semi-space-size=4"];
  server = await startProgram("e2e/programs/bulk.ts", ["server"], { nodeArgs });
  client = await startProgram("e2e/programs/bulk.ts", ["client"], { nodeArgs });
  ({ address: target } = await server.event("listening"));
});
afterAll(() => Promise.all([server?.kill(), client?.kill()]));

interface Counts {
  readonly written: number;
  readonly read: number;
}

/** How many messages a side has written, when it has stopped writing. */
async function settled(writer: ChildProcess): Promise<number> {
  for (let last = -1; ; await delay(100)) {
    const { written } = await writer.ask<Counts>("counts");
    if (written === last && written > 0) {
      return written;
    }
    last = written;
  }
}

it.each([
  ["from the server", "download"],
  ["from the client", "upload"],
  ["in both directions", "exchange"],
] as const)("%s", async (direction, what) => {
  const [writer, reader] =
    what === "download" ? [server, client] : what === "upload" ? [client, server] : [client, client];
  await Promise.all([server.ask("measure"), client.ask("measure")]);
  const transferred = client.ask<number>(what, { target, messages: MESSAGES });
  expect(await settled(writer)).toBeLessThan(MOST_MESSAGES_UNDER_WAY * (what === "exchange" ? 2 : 1));
  await reader.ask("goOn");
  expect(await transferred).toBe(MESSAGES);
  for (const side of [server, client]) {
    const { base, peak } = await side.ask<{ base: number; peak: number }>("measured");
    expect(peak - base).toBeLessThan(MOST_BYTES);
    if (SOAK) {
      const grown = `${Math.round((peak - base) / 1e6)} MB, to ${Math.round(peak / 1e6)} MB`;
      process.stderr.write(`210 MB ${direction}: the ${side === server ? "server" : "client"} grew by ${grown}\n`);
    }
  }
});
