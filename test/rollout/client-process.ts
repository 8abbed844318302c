// The client of the rollout test: the example's generated clients on one channel, at a steady rate, writing down each call.
import { randomUUID } from "node:crypto";
import { createWriteStream } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import type { Channel, ChannelInit } from "@accord-grpc/runtime";
import { ContractError, statusName } from "@accord-grpc/runtime";
import { credentials, Client as GrpcClient, status as GrpcStatus } from "@grpc/grpc-js";
import { AuditServiceClient } from "../../example/src/gen/ledger/v1/audit_client.js";
import { buildLedgerV1Channel } from "../../example/src/gen/ledger/v1/channel.js";
import { LedgerServiceClient } from "../../example/src/gen/ledger/v1/ledger_client.js";
import { statementLine, TRANSFER } from "../e2e/scripted-ledger.js";
import { watchStalls } from "../machine-stalls.js";
import { notePeers, watchedChannel } from "./call-peers.js";
import { type CallRecord, ID_HEADER, type MethodName } from "./records.js";

/** What the client is told by the environment variable `CLIENT`. */
export interface ClientInit {
  readonly target: string;
  /** The file that calls are written to. */
  readonly calls: string;
  /** Calls a second, streams that stay open not counted. */
  readonly rate: number;
  /** It ends after this time, whoever forgets it. */
  readonly atMostMs: number;
  /** The deadline of unary calls, in milliseconds. Default: the contract's. */
  readonly timeoutMs?: number;
  readonly channel: Pick<ChannelInit, "dnsRefreshMs" | "keepalive">;
}

/** How many calls may be open at a time. More are left out, and counted: the test then says that it measured nothing. */
const MOST_OPEN = 2_000;
/** How often each method is called, out of 100. */
const SHARES: readonly (readonly [MethodName, number])[] = [
  ["Transfer", 55],
  ["GetAccount", 20],
  ["VerifyBooks", 15],
  ["ListEntries", 4],
  ["ImportEntries", 3],
  ["Watch", 3],
];
const OPEN_WATCHES = 4;
const HEALTH_WATCHES = 2;

const {
  target,
  calls: path,
  rate,
  atMostMs,
  timeoutMs,
  channel: times,
}: ClientInit = JSON.parse(process.env.CLIENT ?? "");
const file = createWriteStream(path);
const channel: Channel = watchedChannel(
  buildLedgerV1Channel(target, { credentials: credentials.createInsecure(), ...times }),
);
const ledger = new LedgerServiceClient(channel);
const audit = new AuditServiceClient(channel);
const health = new GrpcClient(target, credentials.createInsecure(), { channelOverride: channel });

let open = 0;
let leftOut = 0;
let isEnding = false;
const ending = new AbortController();
process.once("SIGTERM", end);
const limit = setTimeout(end, atMostMs);
// The test that started it is gone.
process.stdin.on("end", () => process.exit(1)).resume();

const lasting = [
  ...Array.from({ length: OPEN_WATCHES }, () => keepOpen("WatchOpen", openWatch)),
  ...Array.from({ length: HEALTH_WATCHES }, () => keepOpen("HealthWatch", healthWatch)),
];
watchStalls((stall) => say({ event: "stalled", ...stall }));
say({ event: "started" });
const startedAt = performance.now();
for (let made = 0; !isEnding; ) {
  const due = Math.floor(((performance.now() - startedAt) / 1000) * rate);
  for (; made < due; made += 1) {
    if (open >= MOST_OPEN) {
      leftOut += 1;
    } else {
      void record(nextMethod());
    }
  }
  await delay(5);
}
clearTimeout(limit);
await Promise.all(lasting);
while (open > 0) {
  await delay(20);
}
channel.close();
file.end(() => {
  say({ event: "ended", leftOut }, () => process.exit());
});

function say(event: object, then = (): void => {}): void {
  process.stdout.write(`${JSON.stringify(event)}\n`, then);
}

function end(): void {
  isEnding = true;
  ending.abort();
}

function nextMethod(): MethodName {
  let at = Math.random() * 100;
  for (const [method, share] of SHARES) {
    at -= share;
    if (at < 0) {
      return method;
    }
  }
  return "Transfer";
}

async function record(method: MethodName, make: (id: string) => Promise<unknown> = maker(method)): Promise<boolean> {
  const id = randomUUID();
  const startedAt = Date.now();
  open += 1;
  const call = notePeers(() => make(id));
  let status = "OK";
  let message: string | undefined;
  try {
    await call.result;
  } catch (error) {
    status = statusOf(error);
    message = error instanceof Error ? error.message : String(error);
  }
  open -= 1;
  // What this process ends itself, at its own end, tells nothing.
  if (!(ending.signal.aborted && status === "CANCELLED")) {
    const entry: CallRecord = {
      id,
      method,
      startedAt,
      endedAt: Date.now(),
      status,
      ...(message === undefined ? {} : { message }),
      peers: call.peers(),
    };
    file.write(`${JSON.stringify(entry)}\n`);
  }
  return status === "OK";
}

/** Generated clients throw contract errors; the health watch is grpc-js's own client's. */
function statusOf(error: unknown): string {
  if (error instanceof ContractError) {
    return statusName(error.status);
  }
  return error instanceof Error && "code" in error && typeof error.code === "number"
    ? (GrpcStatus[error.code] ?? "UNKNOWN")
    : "UNKNOWN";
}

function maker(method: MethodName): (id: string) => Promise<unknown> {
  return (id) => {
    const options = { metadata: { [ID_HEADER]: id } };
    const unary = timeoutMs === undefined ? options : { ...options, timeoutMs };
    switch (method) {
      case "GetAccount":
        return ledger.getAccount({ accountId: "somebody" }, unary);
      case "VerifyBooks":
        return audit.verifyBooks({}, unary);
      case "ListEntries":
        return drained(ledger.listEntries({ accountId: "somebody" }, options), 20);
      case "ImportEntries":
        return ledger.importEntries(slowly(statementLine(id)), options);
      case "Watch":
        return drained(ledger.watch(slowly({}), { ...options, timeoutMs: 30_000 }), 10);
      default:
        return ledger.transfer({ requestId: id, transfer: TRANSFER }, unary);
    }
  };
}

async function drained(responses: AsyncIterable<unknown>, expected: number): Promise<void> {
  let count = 0;
  for await (const _response of responses) {
    count += 1;
  }
  if (count !== expected) {
    throw new Error(`The stream ended well after ${count} of ${expected} messages`);
  }
}

async function* slowly<T>(message: T): AsyncGenerator<T> {
  for (let sent = 0; sent < 10; sent += 1) {
    yield message;
    await delay(40);
  }
}

/** Opens the stream again whenever it ends: at once after a good end, else with a pause. */
async function keepOpen(method: MethodName, make: (id: string) => Promise<unknown>): Promise<void> {
  while (!isEnding) {
    if (!(await record(method, make))) {
      await delay(200, undefined, { signal: ending.signal }).catch(() => {});
    }
  }
}

async function openWatch(id: string): Promise<void> {
  const options = { metadata: { [ID_HEADER]: id, "x-open": "1" }, timeoutMs: Number.POSITIVE_INFINITY };
  for await (const _balance of ledger.watch(untilEnd(), { ...options, signal: ending.signal })) {
    // It goes on until the server is asked to stop.
  }
}

async function* untilEnd(): AsyncGenerator<object> {
  while (!isEnding) {
    yield {};
    await delay(250, undefined, { signal: ending.signal }).catch(() => {});
  }
}

/** Watches a service's health. Being told that it doesn't serve any more is the good end of that. */
function healthWatch(): Promise<void> {
  const service = "ledger.v1.LedgerService";
  const request = Buffer.concat([Buffer.from([0x0a, service.length]), Buffer.from(service)]);
  return new Promise((resolve, reject) => {
    let status: number | undefined;
    const responses = health.makeServerStreamRequest<Buffer, number>(
      "/grpc.health.v1.Health/Watch",
      (bytes) => bytes,
      (bytes) => bytes[1] ?? 0,
      request,
    );
    const stop = () => responses.cancel();
    ending.signal.addEventListener("abort", stop);
    responses.on("data", (value: number) => (status = value));
    responses.on("error", (error) => {
      ending.signal.removeEventListener("abort", stop);
      const NOT_SERVING = 2;
      if (status === NOT_SERVING || ending.signal.aborted) {
        resolve();
      } else {
        reject(error);
      }
    });
    responses.on("end", () => {});
  });
}
