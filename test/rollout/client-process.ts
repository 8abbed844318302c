// Our client of the rollout test: the example's generated clients on one channel.
import { setTimeout as delay } from "node:timers/promises";
import type { Channel, ChannelInit } from "@accord-grpc/runtime";
import { ContractError, statusName, tlsChannelCredentials } from "@accord-grpc/runtime";
import { credentials, Client as GrpcClient, status as GrpcStatus } from "@grpc/grpc-js";
import { AuditServiceClient } from "../../example/src/gen/ledger/v1/audit_client.js";
import { buildLedgerV1Channel } from "../../example/src/gen/ledger/v1/channel.js";
import { LedgerServiceClient } from "../../example/src/gen/ledger/v1/ledger_client.js";
import { statementLine, TRANSFER } from "../e2e/scripted-ledger.js";
import { notePeers, watchedChannel } from "./call-peers.js";
import { type LoadInit, runLoad } from "./load.js";
import { ID_HEADER, type MethodName } from "./records.js";
import { SERVER_NAME } from "./server-certificate.js";

/** What the client is told by the environment variable `CLIENT`. */
export interface ClientInit extends LoadInit {
  readonly target: string;
  /** The deadline of unary calls, in milliseconds. Default: the contract's. */
  readonly timeoutMs?: number;
  /** The file of the CA that servers' certificates are of. Left out: cleartext. */
  readonly ca?: string;
  readonly channel: Pick<ChannelInit, "dnsRefreshMs" | "keepalive">;
}

const init: ClientInit = JSON.parse(process.env.CLIENT ?? "");
const { target, timeoutMs, ca, channel: times } = init;
const security =
  ca === undefined
    ? { credentials: credentials.createInsecure() }
    : { credentials: tlsChannelCredentials({ ca }), extraOptions: { "grpc.ssl_target_name_override": SERVER_NAME } };
const channel: Channel = watchedChannel(buildLedgerV1Channel(target, { ...security, ...times }));
const ledger = new LedgerServiceClient(channel);
const audit = new AuditServiceClient(channel);
const health = new GrpcClient(target, credentials.createInsecure(), { channelOverride: channel });

await runLoad(init, {
  version: "",
  call: (method, id, ending) => notePeers(() => make(method, id, ending)),
  statusOf,
  close: () => channel.close(),
});

/** Generated clients throw contract errors; the health watch is grpc-js's own client's. */
function statusOf(error: unknown): string {
  if (error instanceof ContractError) {
    return statusName(error.status);
  }
  return error instanceof Error && "code" in error && typeof error.code === "number"
    ? (GrpcStatus[error.code] ?? "UNKNOWN")
    : "UNKNOWN";
}

function make(method: MethodName, id: string, ending: AbortSignal): Promise<unknown> {
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
    case "WatchOpen":
      return openWatch(id, ending);
    case "HealthWatch":
      return healthWatch(ending);
    default:
      return ledger.transfer({ requestId: id, transfer: TRANSFER }, unary);
  }
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

async function openWatch(id: string, ending: AbortSignal): Promise<void> {
  const options = { metadata: { [ID_HEADER]: id, "x-open": "1" }, timeoutMs: Number.POSITIVE_INFINITY };
  for await (const _balance of ledger.watch(untilEnd(ending), { ...options, signal: ending })) {
    // It goes on until the server is asked to stop.
  }
}

async function* untilEnd(ending: AbortSignal): AsyncGenerator<object> {
  while (!ending.aborted) {
    yield {};
    await delay(250, undefined, { signal: ending }).catch(() => {});
  }
}

/** Watches a service's health. Being told that it doesn't serve any more is the good end of that. */
function healthWatch(ending: AbortSignal): Promise<void> {
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
    ending.addEventListener("abort", stop);
    responses.on("data", (value: number) => (status = value));
    responses.on("error", (error) => {
      ending.removeEventListener("abort", stop);
      const NOT_SERVING = 2;
      if (status === NOT_SERVING || ending.aborted) {
        resolve();
      } else {
        reject(error);
      }
    });
    responses.on("end", () => {});
  });
}
