import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { create, toBinary } from "@bufbuild/protobuf";
import {
  GetAccountRequestSchema,
  ImportEntriesRequestSchema,
  ListEntriesRequestSchema,
  TransferRequestSchema,
} from "../../example/src/gen/ledger/v1/ledger_pb.js";
import { statementLine, TRANSFER } from "../e2e/scripted-ledger.js";
import { type LoadInit, MOST_OPEN, SHARES } from "./load.js";
import type { MethodName } from "./records.js";

/**
 * What a client that isn't ours is told by the environment variable `CLIENT`. It needs no code of the contract: it sends bytes, and
 * counts what comes back.
 */
export interface ClientPlan {
  /** What ids begin with: `go-1.60:1`, `go-1.60:2`, … */
  readonly name: string;
  /** What is looked up, and the port of all that is found. */
  readonly host: string;
  readonly port: number;
  /** The file that calls are written to. */
  readonly calls: string;
  readonly rate: number;
  readonly atMostMs: number;
  readonly mostOpen: number;
  /** How long two look-ups are apart at least: their own default, 30 s, is longer than the steps of a rollout here. */
  readonly lookUpMs: number;
  /** The contract's, for a client to take as its default. */
  readonly serviceConfig: string;
  /** The file of the CA that servers' certificates are of, and the name in them. Left out: cleartext. */
  readonly ca?: string;
  readonly serverName?: string;
  readonly methods: readonly PlannedCall[];
  /** Those that are opened again when they end. */
  readonly lasting: readonly PlannedCall[];
}

/** A call. Where a number is left out, it is 0. */
export interface PlannedCall {
  readonly method: MethodName;
  /** `/ledger.v1.LedgerService/Transfer` */
  readonly path: string;
  readonly kind: "unary" | "client" | "server" | "bidi";
  /** Each request's bytes, in base64. */
  readonly request: string;
  /** How many requests a stream has, and how many ms lie between two; −1: until the client is to end, which cancels the call. */
  readonly requests: number;
  readonly everyMs?: number;
  /** How many responses there must be; −1: any number. */
  readonly responses: number;
  /** If this was the last response, in base64, the call has ended well, whatever its status. Cancelled when the client is to end. */
  readonly goodEnd?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** The deadline; 0: the service config's. */
  readonly timeoutMs?: number;
  /** How often it is called, out of 100. */
  readonly share?: number;
  /** How many are kept open. */
  readonly count?: number;
}

const LEDGER = "/ledger.v1.LedgerService";
const SERVICE_CONFIG = fileURLToPath(
  new URL("../../../example/src/gen/ledger/v1/service_config.json", import.meta.url),
);
const WATCHED = "ledger.v1.LedgerService";

/**
 * The plan of the calls that {@link SHARES} says, and of the load's streams that stay open.
 *
 * @param deadlines whether the contract's come by the service config, or are set with each call, for a client that can't tell the time
 */
export function clientPlan(
  init: LoadInit &
    Pick<ClientPlan, "host" | "port" | "lookUpMs" | "ca" | "serverName"> & { readonly timeoutMs?: number },
  deadlines: "of the config" | "of each call" = "of the config",
): ClientPlan {
  const { lasting, timeoutMs, ...more } = init;
  const config = patientServiceConfig(readFileSync(SERVICE_CONFIG, "utf8"), timeoutMs);
  const { methodConfig }: ServiceConfig = JSON.parse(config);
  const planned = (method: MethodName): PlannedCall => {
    const call = plannedCall(method);
    return deadlines === "of the config" ? call : { timeoutMs: timeoutOf(methodConfig, call.path), ...call };
  };
  return {
    ...more,
    mostOpen: MOST_OPEN,
    serviceConfig:
      deadlines === "of the config"
        ? config
        : JSON.stringify({
            ...JSON.parse(config),
            methodConfig: methodConfig.map(({ timeout: _, ...method }) => method),
          }),
    methods: SHARES.map(([method, share]) => ({ ...planned(method), share })),
    lasting: Object.entries(lasting).map(([method, count]) => ({ ...planned(method as MethodName), count })),
  };
}

interface ServiceConfig {
  readonly methodConfig: readonly {
    readonly name: readonly { readonly service: string; readonly method: string }[];
    readonly timeout?: string;
  }[];
}

function timeoutOf(methodConfig: ServiceConfig["methodConfig"], path: string): number {
  const found = methodConfig.find(({ name }) => name.some(({ service, method }) => path === `/${service}/${method}`));
  return Number.parseFloat(found?.timeout ?? "0") * 1_000;
}

/** The service config with no deadline that is shorter. Other clients take the shorter one of a config's and a call's. */
export function patientServiceConfig(json: string, timeoutMs = 0): string {
  const config: ServiceConfig = JSON.parse(json);
  const methodConfig = config.methodConfig.map((method) =>
    method.timeout !== undefined && Number.parseFloat(method.timeout) * 1_000 < timeoutMs
      ? { ...method, timeout: `${timeoutMs / 1_000}s` }
      : method,
  );
  return JSON.stringify({ ...config, methodConfig });
}

function plannedCall(method: MethodName): PlannedCall {
  const unary = { kind: "unary", requests: 1, responses: 1 } as const;
  switch (method) {
    case "GetAccount":
      return { ...unary, method, path: `${LEDGER}/GetAccount`, request: account(GetAccountRequestSchema) };
    case "VerifyBooks":
      return { ...unary, method, path: "/ledger.v1.AuditService/VerifyBooks", request: "" };
    case "ListEntries": {
      const request = account(ListEntriesRequestSchema);
      return { method, path: `${LEDGER}/ListEntries`, kind: "server", request, requests: 1, responses: 20 };
    }
    case "ImportEntries": {
      const line = create(ImportEntriesRequestSchema, statementLine(randomUUID()));
      const request = base64(toBinary(ImportEntriesRequestSchema, line));
      return { ...stream(method, "client", 10, 1), path: `${LEDGER}/ImportEntries`, request };
    }
    case "Watch":
      return { ...stream(method, "bidi", 10, 10), timeoutMs: 30_000 };
    case "WatchOpen":
      return { ...stream(method, "bidi", -1, -1), everyMs: 250, headers: { "x-open": "1" } };
    case "HealthWatch": {
      const request = base64(Uint8Array.of(0x0a, WATCHED.length, ...Buffer.from(WATCHED)));
      const notServing = base64(Uint8Array.of(0x08, 2));
      const path = "/grpc.health.v1.Health/Watch";
      return { method, path, kind: "server", request, requests: 1, responses: -1, goodEnd: notServing };
    }
    default: {
      const request = create(TransferRequestSchema, { requestId: randomUUID(), transfer: TRANSFER });
      const path = `${LEDGER}/Transfer`;
      return { ...unary, method: "Transfer", path, request: base64(toBinary(TransferRequestSchema, request)) };
    }
  }
}

function stream(method: MethodName, kind: PlannedCall["kind"], requests: number, responses: number): PlannedCall {
  return { method, path: `${LEDGER}/Watch`, kind, request: "", requests, everyMs: 40, responses };
}

function account(schema: typeof GetAccountRequestSchema | typeof ListEntriesRequestSchema): string {
  return base64(toBinary(schema, create(schema, { accountId: "somebody" })));
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64");
}
