import { setTimeout as delay } from "node:timers/promises";
import { createServer, type ServerOptions } from "@accord-grpc/runtime";
import { credentials } from "@grpc/grpc-js";
import { buildLedgerV1Channel } from "../../../example/src/gen/ledger/v1/channel.js";
import { LedgerServiceClient } from "../../../example/src/gen/ledger/v1/ledger_client.js";
import { bindLedgerService } from "../../../example/src/gen/ledger/v1/ledger_servicer.js";
import { scriptedLedger, statementLine } from "../scripted-ledger.js";
import { serveCommands, tell } from "./commands.js";

// One side of a large transfer, as a server or as a client, with what it costs in memory. Each message has 64 KiB; the
// reader, whichever side it is, reads one and stands still until it is told to go on. Then it reads slowly.

const MEMO = "0123456789abcdef".repeat(4096);
const UNLIMITED = { timeoutMs: Number.POSITIVE_INFINITY };

/** How many messages this side has made, and how many it has read. */
const count = { written: 0, read: 0 };
let goOn = (): void => {};

async function* write(messages: number) {
  for (count.written = 0; count.written < messages; count.written += 1) {
    yield MEMO;
  }
}

async function read(memos: AsyncIterable<string | undefined>): Promise<void> {
  count.read = 0;
  for await (const memo of memos) {
    if (memo?.length !== MEMO.length) {
      throw new Error(`A memo of ${memo?.length} characters came`);
    }
    count.read += 1;
    if (count.read === 1) {
      await new Promise<void>((resolve) => {
        goOn = resolve;
      });
    } else if (count.read % 16 === 0) {
      await delay(1);
    }
  }
}

async function* map<T, U>(values: AsyncIterable<T>, change: (value: T) => U): AsyncGenerator<U> {
  for await (const value of values) {
    yield change(value);
  }
}

/** The most memory that the process had since it was asked, in bytes. */
let base = 0;
let peak = 0;
setInterval(() => {
  peak = Math.max(peak, process.memoryUsage.rss());
}, 10);

const memory = {
  measure: () => {
    globalThis.gc?.();
    base = process.memoryUsage.rss();
    peak = base;
  },
  measured: () => ({ base, peak }),
};

async function serve(): Promise<void> {
  const options: ServerOptions = {
    logger: { debug() {}, info() {}, warn() {}, error() {}, isLevelEnabled: () => false },
  };
  const server = createServer(
    [
      bindLedgerService(
        scriptedLedger({
          listEntries: ({ accountId }) => map(write(Number(accountId)), (memo) => ({ entry: { memo } })),
          importEntries: async (requests) => {
            await read(map(requests, ({ memo }) => memo));
            return { booked: BigInt(count.read) };
          },
          watch: (requests) => echo(requests),
        }),
      ),
    ],
    options,
  );
  const { address } = await server.start("127.0.0.1:0");
  tell("listening", { address });
}

async function* echo(
  requests: AsyncIterable<{
    readonly change: { readonly value?: { readonly accountIds: readonly string[] } | undefined };
  }>,
) {
  for await (const { change } of requests) {
    count.read += 1;
    yield { accountId: change.value?.accountIds[0] ?? "" };
  }
}

function client(target: string): LedgerServiceClient {
  return new LedgerServiceClient(buildLedgerV1Channel(target, { credentials: credentials.createInsecure() }));
}

const LINE = statementLine("line");

serveCommands({
  ...memory,
  counts: () => count,
  goOn: () => goOn(),
  download: async ({ target, messages }: { target: string; messages: number }) => {
    await read(map(client(target).listEntries({ accountId: String(messages) }, UNLIMITED), ({ entry }) => entry?.memo));
    return count.read;
  },
  upload: async ({ target, messages }: { target: string; messages: number }) => {
    const { booked } = await client(target).importEntries(
      map(write(messages), (memo) => ({ ...LINE, memo })),
      UNLIMITED,
    );
    return Number(booked);
  },
  /** Both directions at once: what is sent comes back. */
  exchange: async ({ target, messages }: { target: string; messages: number }) => {
    const requests = map(write(messages), (memo) => ({
      change: { case: "subscribe" as const, value: { accountIds: [memo] } },
    }));
    await read(map(client(target).watch(requests, UNLIMITED), ({ accountId }) => accountId));
    return count.read;
  },
});

if (process.argv[2] === "server") {
  await serve();
}
