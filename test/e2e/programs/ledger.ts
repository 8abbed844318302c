import { setTimeout as delay } from "node:timers/promises";
import type { CallContext, Logger, LogLevel, ServerOptions } from "@accord-grpc/runtime";
import { runApp, StartUpError } from "../../../example/src/apps/run-app.js";
import { createLedgerV1Server } from "../../../example/src/gen/ledger/v1/server.js";
import { scriptedLedger } from "../scripted-ledger.js";
import { serveCommands, tell } from "./commands.js";

// A server as the example's, in a process of its own, whose handlers do what the account's id says. Its first argument is
// its address, its second the time for a drain in milliseconds, its third what happens while it starts: `signal`,
// `signal-at-once`, or `certificate` with the files of a certificate and a key behind it.

const [address = "127.0.0.1:0", drainMs = "35000", atStart = "nothing", certificate, key] = process.argv.slice(2);

/** Tells the test each line that is logged. */
const logger: Logger = {
  ...(Object.fromEntries(
    (["debug", "info", "warn", "error"] as const).map((level: LogLevel) => [
      level,
      (fields: object, message: string) => tell("log", { level, message, ...withoutErrors(fields) }),
    ]),
  ) as Pick<Logger, LogLevel>),
  isLevelEnabled: (level) => level !== "debug",
};

function withoutErrors(fields: object): object {
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [key, value instanceof Error ? String(value) : value]),
  );
}

const makeServer = () =>
  createLedgerV1Server(
    {
      audit: {
        setAccountFrozen: async () => ({}),
        verifyBooks: async () => ({}),
      },
      ledger: scriptedLedger({
        getAccount: async ({ accountId }, context) => {
          await act(accountId, context);
          return { account: { accountId } };
        },
        importEntries: async (requests, context) => {
          for await (const { accountId } of requests) {
            await act(accountId, context);
          }
          return {};
        },
        listEntries: async function* ({ accountId }, context) {
          yield { entry: { accountId } };
          await act(accountId, context);
        },
        watch: async function* (requests, context) {
          for await (const { change } of requests) {
            const accountId = change.value?.accountIds[0] ?? "";
            yield { accountId };
            await act(accountId, context);
          }
        },
      }),
    },
    { logger, drainMs: Number(drainMs), ...transport() },
  );

/** TLS, if there is a certificate. */
function transport(): ServerOptions {
  return certificate === undefined || key === undefined ? {} : { tls: { cert: certificate, key, logger } };
}

/** What a handler does: `wait 300`, `never` (until its call is over), `deaf` (not even then), `burn 9 1 2000`. */
async function act(what: string, context: CallContext): Promise<void> {
  const [verb, ...numbers] = what.split(" ");
  const [first = 0, second = 0, third = 0] = numbers.map(Number);
  tell("handling", { what });
  switch (verb) {
    case "wait":
      return delay(first);
    case "never":
      return new Promise((_, reject) =>
        context.signal.addEventListener("abort", () => {
          tell("told", { what, reason: (context.signal.reason as Error).message });
          reject(context.signal.reason);
        }),
      );
    case "deaf":
      return new Promise(() => {});
    case "burn":
      return burn(first, second, third);
  }
}

/** Keeps the event loop busy for `onMs`, lets it go for `offMs`, and so on for `totalMs`. */
async function burn(onMs: number, offMs: number, totalMs: number): Promise<void> {
  const end = performance.now() + totalMs;
  while (performance.now() < end) {
    const until = performance.now() + onMs;
    while (performance.now() < until);
    await delay(offMs);
  }
}

tell("starting");
await runApp("ledger", async () => {
  const server = await startUp(makeServer);
  serveCommands({
    /** Everything that is there besides: what would keep the process from ending. */
    resources: () => process.getActiveResourcesInfo(),
    elu: () => {
      const before = performance.eventLoopUtilization();
      return delay(1000).then(() => performance.eventLoopUtilization(before).utilization);
    },
    health: ({ service, serving }: { service: string; serving: boolean }) => server.health.set(service, serving),
  });
  void server.closed.then((closed) => tell("closed", closed));
  const served = startUp(() => server.start(address)).then(() => server.closed);
  if (atStart === "signal") {
    process.kill(process.pid, "SIGTERM");
  } else if (atStart === "signal-at-once") {
    // A signal that is sent now comes when the server listens already: that takes no longer.
    process.emit("SIGTERM", "SIGTERM");
  }
  await served;
});

/** What is wrong with its settings is the operator's to put right. */
async function startUp<T>(make: () => Promise<T> | T): Promise<T> {
  try {
    return await make();
  } catch (error) {
    throw new StartUpError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}
