import { setTimeout as delay } from "node:timers/promises";
import { createServer } from "@accord-grpc/runtime";
import { bindProbe } from "../../runtime/test-support/probe-service.js";
import { serveCommands, tell } from "../e2e/programs/commands.js";

// A server whose handlers share a pool, as those do that ask a database: so many at a time, each for so long. The others wait.

const [connections = "8", workMs = "160", limit = "0"] = process.argv.slice(2);
const waiting: (() => void)[] = [];
let free = Number(connections);

async function work(): Promise<void> {
  if (free === 0) {
    await new Promise<void>((resolve) => waiting.push(resolve));
  } else {
    free -= 1;
  }
  await delay(Number(workMs));
  const next = waiting.shift();
  if (next === undefined) {
    free += 1;
  } else {
    next();
  }
}

const server = createServer(
  [
    bindProbe({
      async unary({ id }) {
        await work();
        return { id };
      },
    }),
  ],
  {
    handleSignals: false,
    logger: { debug() {}, info() {}, warn() {}, error() {} },
    ...(limit === "0" ? {} : { maxConcurrentCalls: Number(limit) }),
  },
);
const { address } = await server.start("127.0.0.1:0");
serveCommands({});
tell("ready", { address });
