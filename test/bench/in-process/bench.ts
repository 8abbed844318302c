import { createServer, inProcessChannel, type Logger } from "@accord-grpc/runtime";
import { buildChannel } from "@accord-grpc/runtime/codegen/v1";
import { credentials } from "@grpc/grpc-js";
import { LEDGER_V1_SERVICE_CONFIG } from "../../../example/src/gen/ledger/v1/channel.js";
import { AccountNotFoundError } from "../../../example/src/gen/ledger/v1/errors.js";
import { LedgerServiceClient } from "../../../example/src/gen/ledger/v1/ledger_client.js";
import { bindLedgerService } from "../../../example/src/gen/ledger/v1/ledger_servicer.js";

const ROUNDS = Number(process.env.ROUNDS ?? 9);
const ROUND_MS = Number(process.env.ROUND_MS ?? 600);
const ENTRIES = 100;

const silent: Logger = Object.fromEntries(
  ["trace", "debug", "info", "warn", "error", "fatal"].map((level) => [level, () => {}]),
) as unknown as Logger;
const unused = (): never => {
  throw new Error("Nobody calls it here");
};
const service = bindLedgerService({
  openAccount: unused,
  getAccount: async ({ accountId }) => {
    if (accountId === "none") {
      throw new AccountNotFoundError({ account: accountId });
    }
    return { account: { accountId } };
  },
  transfer: unused,
  listEntries: async function* () {
    for (let entryId = 1n; entryId <= ENTRIES; entryId += 1n) {
      yield { entry: { entryId } };
    }
  },
  importEntries: unused,
  watch: unused,
});

const server = createServer([service], { logger: silent });
const { address } = await server.start("127.0.0.1:0");
const overSocket = buildChannel(address, LEDGER_V1_SERVICE_CONFIG, { credentials: credentials.createInsecure() });
const clients = {
  "in process": new LedgerServiceClient(inProcessChannel([service], { logger: silent })),
  "over a socket": new LedgerServiceClient(overSocket),
};
type Place = keyof typeof clients;

const SCENARIOS: readonly (readonly [
  title: string,
  concurrency: number,
  call: (client: LedgerServiceClient) => Promise<unknown>,
])[] = [
  ["unary, one at a time", 1, (client) => client.getAccount({ accountId: "CH93" })],
  ["unary, 64 at a time", 64, (client) => client.getAccount({ accountId: "CH93" })],
  ["declared error, 64 at a time", 64, (client) => client.getAccount.result({ accountId: "none" })],
  [`stream of ${ENTRIES} messages, 4 at a time`, 4, readEntries],
];

process.stdout.write(
  `Node ${process.versions.node}, ${ROUNDS} interleaved rounds, in one process: processor time per call, both sides together\n`,
);
for (const [title, concurrency, call] of SCENARIOS) {
  const costs: Record<Place, number[]> = { "in process": [], "over a socket": [] };
  const ratios: number[] = [];
  for (let round = -2; round < ROUNDS; round += 1) {
    const [within, over] = [
      await microsecondsPerCall(concurrency, () => call(clients["in process"])),
      await microsecondsPerCall(concurrency, () => call(clients["over a socket"])),
    ];
    if (round >= 0) {
      costs["in process"].push(within);
      costs["over a socket"].push(over);
      ratios.push(over / within);
    }
  }
  const [within, over] = [median(costs["in process"]), median(costs["over a socket"])].map(Math.round);
  const spread = `${Math.min(...ratios).toFixed(1)}–${Math.max(...ratios).toFixed(1)}`;
  process.stdout.write(
    `${title}: ${within} µs in process, ${over} µs over a socket: ${median(ratios).toFixed(1)} × (${spread})\n`,
  );
}
overSocket.close();
await server.drain();

async function readEntries(client: LedgerServiceClient): Promise<void> {
  let read = 0;
  for await (const _entry of client.listEntries({ accountId: "CH93" }, { timeoutMs: 10_000 })) {
    read += 1;
  }
  if (read !== ENTRIES) {
    throw new Error(`${read} entries of ${ENTRIES} came`);
  }
}

async function microsecondsPerCall(concurrency: number, call: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  const before = process.cpuUsage();
  let calls = 0;
  await Promise.all(
    Array.from({ length: concurrency }, async () => {
      while (performance.now() - startedAt < ROUND_MS) {
        await call();
        calls += 1;
      }
    }),
  );
  const { user, system } = process.cpuUsage(before);
  return (user + system) / calls;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
