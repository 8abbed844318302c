// `npm run replicas`: three replicas of the payments, one ledger behind them, and a shop that pays all the time, while the
// replicas are restarted one after the other. Everything runs on this machine, as processes.
import { setTimeout as delay } from "node:timers/promises";
import { credentials } from "@grpc/grpc-js";
import { ledgerClients } from "../clients/ledger/ledger-client.js";
import { ServerProcess } from "../demo/server-process.js";
import { buildPaymentsV1Channel } from "../gen/payments/v1/channel.js";
import { PaymentsServiceClient } from "../gen/payments/v1/payments_client.js";
import { Shop } from "./shop.js";

const REPLICAS = 3;
const SECONDS_BETWEEN_RESTARTS = 3;
const environment = { LOG_LEVEL: "info", LEDGER_DATA_DIR: "" };

process.once("exit", () => ServerProcess.killAll());
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => process.exit(130));
}

print("Starting a ledger and three replicas of the payments …");
const ledger = await ServerProcess.start("ledger-server", { ...environment, LEDGER_ADDRESS: "127.0.0.1:0" });
const replicas = await Promise.all(Array.from({ length: REPLICAS }, () => startReplica("127.0.0.1:0")));

// Names and DNS are what a cluster has. On one machine, the target lists the addresses.
const target = `ipv4:${replicas.map(({ address }) => address).join(",")}`;
print(`The shop pays through ${target}\n`);
const channel = buildPaymentsV1Channel(target, { credentials: credentials.createInsecure() });
const upstream = ledgerClients(ledger.address);
const shop = await Shop.open(upstream.ledger, new PaymentsServiceClient(channel));

for (const [index, replica] of [...replicas.entries()]) {
  await watch(SECONDS_BETWEEN_RESTARTS);
  print(`  replica ${index + 1} is told to stop (SIGTERM), and started again`);
  await replica.stop();
  replicas[index] = await startReplica(replica.address);
}
await watch(SECONDS_BETWEEN_RESTARTS);

const { paid, failed } = await shop.close();
channel.close();
upstream.close();
await Promise.all([...replicas, ledger].map((server) => server.stop()));
print(
  `\n${paid} payments made, ${failed.length} lost${failed.length === 0 ? "." : `: ${failed.slice(0, 3).join("; ")}`}`,
);
process.exitCode = failed.length === 0 ? 0 : 1;

function startReplica(address: string): Promise<ServerProcess> {
  return ServerProcess.start("payments-server", {
    ...environment,
    PAYMENTS_ADDRESS: address,
    LEDGER_TARGET: ledger.address,
  });
}

/** Prints each second how many payments each replica has answered in it. */
async function watch(seconds: number): Promise<void> {
  for (let second = 0; second < seconds; second += 1) {
    const before = replicas.map(answered);
    await delay(1_000);
    const counts = replicas.map((replica, index) => String(answered(replica) - (before[index] ?? 0)).padStart(4));
    print(`payments/s by replica: ${counts.join(" ")}`);
  }
}

function answered({ log }: ServerProcess): number {
  return log.filter(({ msg }) => msg === "pay.response").length;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
