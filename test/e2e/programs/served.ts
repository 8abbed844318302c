import { createServer, type ServeOptions } from "@accord-grpc/runtime";
import { bindProbe } from "../../../runtime/test-support/probe-service.js";
import { serveCommands, tell } from "./commands.js";

// A server that is what its process is for. Its first argument is its address, its second what is special about its end.

const [address = "127.0.0.1:0", end = "nothing"] = process.argv.slice(2);

const cleanUps: Readonly<Record<string, ServeOptions>> = {
  "cleans-up": { cleanUp: async ({ outcome }) => tell("cleaned-up", { outcome }) },
  "can't-clean-up": { cleanUp: () => Promise.reject(new Error("the books are locked\nfor ever")) },
  "cleans-up-for-ever": { cleanUp: () => new Promise(() => {}), cleanUpMs: 50 },
};

const held: (() => void)[] = [];

/** Tells the test what is logged: at once, or when it is asked to write what it holds, as pino is. */
function log(fields: object, message: string): void {
  const line = (): void => tell("log", { message, ...fields });
  if (end !== "lazy-logger") {
    line();
    return;
  }
  held.push(line);
  if (message === "server.started") {
    tell("listening");
  }
}

const logger = {
  ...{ debug: () => {}, info: log, warn: log, error: log },
  flush(done: () => void): void {
    setImmediate(() => {
      for (const line of held) {
        line();
      }
      done();
    });
  },
};

const server = createServer(
  [
    bindProbe({
      unary: (_request, context) => {
        tell("handling");
        // Work that nobody waits for any more, and that would keep the process for an hour.
        setInterval(() => {}, 3_600_000);
        return end === "cuts-off" ? new Promise(() => {}) : { id: context.peer };
      },
    }),
  ],
  { drainMs: 100, logger },
);
serveCommands({});
setInterval(() => {}, 3_600_000);
await server.serve(address, cleanUps[end]);
tell("lived-on");
