import { insecureChannel, probeClient } from "../../../runtime/test-support/probe-client.js";
import { ProbeError } from "../../../runtime/test-support/probe-errors.js";
import { serveCommands, tell } from "../../e2e/programs/commands.js";
import { Dice } from "../dice.js";

// Generated clients, whose server answers what no server would. Their calls end by their deadlines, whatever comes.

const WORKERS = 6;
const CALLS_PER_CHANNEL = 5;
const TIMEOUT_MS = 400;
const PADDING = new Uint8Array(64 * 1024);

const [hostile = "", honest = "", seed = "0"] = process.argv.slice(2);
const dice = new Dice(Number(seed));
const honestChannel = insecureChannel(honest);
const honestClient = probeClient(honestChannel, {}, { timeoutMs: 10_000 });
let isOver = false;

async function* requests() {
  // More than the buffers in between take.
  for (let count = 0; count < 200; count += 1) {
    yield { id: "1", padding: PADDING };
  }
}

async function drainOf(responses: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of responses) {
    // Only its end is of interest.
  }
}

async function work(): Promise<void> {
  while (!isOver) {
    const channel = insecureChannel(hostile);
    const client = probeClient(channel, {}, { timeoutMs: TIMEOUT_MS });
    const kinds = [
      () => client.unary({ id: "1" }),
      () => client.clientStream(requests()),
      () => drainOf(client.serverStream({ id: "1" })),
      () => drainOf(client.bidiStream(requests())),
    ] as const;
    for (let count = 0; count < CALLS_PER_CHANNEL; count += 1) {
      try {
        await dice.pick([...kinds] as [(typeof kinds)[number], ...(typeof kinds)[number][]])();
      } catch (error) {
        if (!(error instanceof ProbeError)) {
          tell("fault", { text: String(error) });
        }
      }
    }
    channel.close();
  }
}

setInterval(() => globalThis.gc?.(), 100).unref();
const workers = Array.from({ length: WORKERS }, work);
serveCommands({
  async memory() {
    globalThis.gc?.();
    return process.memoryUsage.rss();
  },
  async honest() {
    return (await honestClient.unary({ id: "honest" })).id;
  },
  /** The process then ends by itself, as it does when nothing is left to do. */
  async end() {
    isOver = true;
    await Promise.all(workers);
    honestChannel.close();
  },
});
tell("ready");
