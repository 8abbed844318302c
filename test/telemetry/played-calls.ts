import type { Channel } from "@accord-grpc/runtime";
import { credentials } from "@grpc/grpc-js";
import { buildLedgerV1Channel } from "../../example/src/gen/ledger/v1/channel.js";
import {
  AccountNotFoundError,
  InvalidFieldError,
  StoreUnavailableError,
} from "../../example/src/gen/ledger/v1/errors.js";
import { LedgerServiceClient } from "../../example/src/gen/ledger/v1/ledger_client.js";
import type { LedgerServiceServicer } from "../../example/src/gen/ledger/v1/ledger_servicer.js";
import { type Status, statusName } from "../../runtime/src/wire/status.js";
import { startScriptedLedger } from "../e2e/scripted-ledger.js";

// A generated server and client, and a call for each way to end.

/** One call, and how both sides tell that it ended. */
export interface PlayedCall {
  /** What it shows. */
  readonly name: string;
  /** `ledger.v1.LedgerService/GetAccount`. */
  readonly method: string;
  /** As the client has it. */
  readonly status: string;
  /** As the server has it, once for each attempt. */
  readonly served: readonly string[];
}

const SERVICE = "ledger.v1.LedgerService";
const LONG_MS = 60_000;

const tries = new Map<string, number>();

const ledger: Partial<LedgerServiceServicer> = {
  getAccount: async ({ accountId }, { signal }) => {
    const tried = (tries.get(accountId) ?? 0) + 1;
    tries.set(accountId, tried);
    switch (accountId) {
      case "unknown":
        throw new AccountNotFoundError({ account: accountId });
      case "broken":
        throw new Error("a fault of the program's own");
      case "undeclared":
        // Of the catalogue, and not among what the method may raise.
        throw new InvalidFieldError({ field: "account_id", problem: "a fault of the servicer's" });
      case "retried":
        if (tried < 3) {
          throw new StoreUnavailableError();
        }
        break;
      case "waits":
        await new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
    }
    return { account: { accountId } };
  },
  async *listEntries({ accountId }) {
    yield { entry: { accountId } };
    yield { entry: { accountId } };
  },
};

interface Script extends PlayedCall {
  make(client: LedgerServiceClient): Promise<unknown>;
}

const getAccount = (accountId: string, options: { timeoutMs?: number; signal?: AbortSignal } = {}) => {
  return (client: LedgerServiceClient) => client.getAccount({ accountId }, { timeoutMs: LONG_MS, ...options });
};

const get = (name: string, status: string, served: readonly string[], make: Script["make"]): Script => ({
  name,
  method: `${SERVICE}/GetAccount`,
  status,
  served,
  make,
});

const SCRIPTS: readonly Script[] = [
  get("OK", "OK", ["OK"], getAccount("here")),
  get("a declared error", "NOT_FOUND", ["NOT_FOUND"], getAccount("unknown")),
  get("an error that isn't declared", "INTERNAL", ["INTERNAL"], getAccount("broken")),
  get(
    "an error of the catalogue that the method doesn't declare",
    "INVALID_ARGUMENT",
    ["INVALID_ARGUMENT"],
    getAccount("undeclared"),
  ),
  get("a deadline", "DEADLINE_EXCEEDED", ["DEADLINE_EXCEEDED"], getAccount("waits", { timeoutMs: 500 })),
  get("a caller that leaves", "CANCELLED", ["CANCELLED"], async (client) => {
    const leave = new AbortController();
    const call = getAccount("waits", { signal: leave.signal })(client);
    setTimeout(() => leave.abort(), 500);
    return call;
  }),
  get("retries", "OK", ["UNAVAILABLE", "UNAVAILABLE", "OK"], getAccount("retried")),
  {
    name: "a stream",
    method: `${SERVICE}/ListEntries`,
    status: "OK",
    served: ["OK"],
    make: async (client) => {
      for await (const _ of client.listEntries({ accountId: "here" }, { timeoutMs: LONG_MS })) {
        // Only the end is of interest.
      }
    },
  },
];

/** What was called, and where. */
export interface PlayedCalls {
  readonly calls: readonly PlayedCall[];
  readonly host: string;
  readonly port: number;
}

/**
 * Plays all of them, one after the other.
 *
 * @throws {Error} if one doesn't end as it says
 */
export async function playCalls(): Promise<PlayedCalls> {
  const { server, address } = await startScriptedLedger(ledger);
  const channel: Channel = buildLedgerV1Channel(address, { credentials: credentials.createInsecure() });
  const client = new LedgerServiceClient(channel);
  try {
    for (const { name, status, make } of SCRIPTS) {
      const ended = await make(client).then(
        () => "OK",
        (error: { readonly status: Status }) => statusName(error.status),
      );
      if (ended !== status) {
        throw new Error(`The call for ${name} ended with ${ended}, not ${status}`);
      }
    }
  } finally {
    channel.close();
    await server.drain("the calls are over");
  }
  const [host = "", port] = address.split(":");
  return { calls: SCRIPTS, host, port: Number(port) };
}
