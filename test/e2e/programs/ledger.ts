import { setTimeout as delay } from "node:timers/promises";
import type { CallContext, Logger, LogLevel } from "@accord-grpc/runtime";
import { runApp, serve } from "../../../example/src/apps/run-app.js";
import { createLedgerV1Server } from "../../../example/src/gen/ledger/v1/server.js";
import { scriptedLedger } from "../scripted-ledger.js";
import { serveCommands, tell } from "./commands.js";

// A server as the example's, in a process of its own, whose handlers do what the account's id says. Its first argument is
// its address, its second the time for a drain in milliseconds, its third what it does to itself while it starts.

const [address = "127.0.0.1:0", drainMs = "35000", atStart = "nothing"] = process.argv.slice(2);

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

const server = createLedgerV1Server(
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
  { logger, drainMs: Number(drainMs) },
);

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
tell("starting");
await runApp("ledger", async () => {
  const served = serve(server, address);
  if (atStart === "signal") {
    process.kill(process.pid, "SIGTERM");
  }
  await served;
});
