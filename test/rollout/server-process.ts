// A backend of the rollout test: the example's generated server, whose methods take their time and write down that they ran.
import { openSync, writeSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import type { CallContext, ServerOptions } from "@accord-grpc/runtime";
import { createLedgerV1Server } from "../../example/src/gen/ledger/v1/server.js";
import { watchStalls } from "../machine-stalls.js";
import { type ExecutionRecord, ID_HEADER, type MethodName } from "./records.js";

/** What a backend is told by the environment variable `BACKEND`. */
export interface BackendInit {
  /** `127.0.0.11:50051` */
  readonly address: string;
  /** The file that executions are appended to. */
  readonly executions: string;
  readonly server: Pick<ServerOptions, "drainMs" | "maxConnectionAgeMs" | "tls">;
}

const { address, executions, server: options }: BackendInit = JSON.parse(process.env.BACKEND ?? "");
const file = openSync(executions, "a");
const stopping = new AbortController();
process.once("SIGTERM", () => stopping.abort());

const server = createLedgerV1Server(
  {
    ledger: {
      openAccount: async () => ({}),
      getAccount: async (_request, context) => {
        executed("GetAccount", context);
        await delay(between(2, 60));
        return {};
      },
      transfer: async (_request, context) => {
        executed("Transfer", context);
        // Some are slow, so that whoever stops has something in flight.
        await delay(Math.random() < 0.05 ? between(300, 900) : between(2, 80));
        return { replayed: false };
      },
      listEntries: async function* (_request, context) {
        executed("ListEntries", context);
        for (let entryId = 1n; entryId <= 20n; entryId += 1n) {
          await delay(30);
          yield { entry: { entryId } };
        }
      },
      followEntries: async function* () {},
      importEntries: async (requests, context) => {
        executed("ImportEntries", context);
        let booked = 0n;
        for await (const _line of requests) {
          booked += 1n;
        }
        return { booked };
      },
      watch: async function* (requests, context) {
        const isOpen = context.requestMetadata.get("x-open").length > 0;
        executed(isOpen ? "WatchOpen" : "Watch", context);
        if (!isOpen) {
          for await (const _change of requests) {
            yield {};
          }
          return;
        }
        void readAll(requests);
        // Has no end of its own: it gets one when the server is asked to stop.
        while (!stopping.signal.aborted && !context.signal.aborted) {
          yield {};
          await delay(100);
        }
      },
    },
    audit: {
      setAccountFrozen: async () => ({}),
      verifyBooks: async (_request, context) => {
        executed("VerifyBooks", context);
        await delay(between(20, 400));
        return { balanced: true };
      },
    },
  },
  options,
);

await server.start(address);
watchStalls((stall) => say({ event: "stalled", ...stall }));
say({ event: "started" });
const closed = await server.closed;
say({ event: "closed", outcome: closed.outcome, durationMs: closed.durationMs });

/** On the disk before the answer is on its way: whatever kills this process doesn't kill the record. */
function executed(method: MethodName, { requestMetadata }: CallContext): void {
  const record: ExecutionRecord = {
    id: String(requestMetadata.get(ID_HEADER)[0]),
    method,
    backend: address,
    at: Date.now(),
    previousAttempts: Number(requestMetadata.get("grpc-previous-rpc-attempts")[0] ?? 0),
  };
  writeSync(file, `${JSON.stringify(record)}\n`);
}

/** Both sides of the stream run at once. What ends the requests ends the responses, too, and is told there. */
async function readAll(requests: AsyncIterable<unknown>): Promise<void> {
  try {
    for await (const _request of requests) {
      // Nothing to do.
    }
  } catch {}
}

function between(least: number, most: number): number {
  return least + Math.random() * (most - least);
}

function say(event: object): void {
  process.stdout.write(`${JSON.stringify(event)}\n`);
}
