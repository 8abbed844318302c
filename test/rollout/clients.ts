import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { clientPlan } from "./client-plan.js";
import type { ClientInit } from "./client-process.js";
import { FOREIGN_CLIENTS, type ForeignCommand } from "./foreign-clients.js";
import type { NameResolution } from "./name-resolution.js";
import { SpeakingProcess } from "./process.js";
import { CA, SERVER_NAME } from "./server-certificate.js";

/** What ours is called among the clients. */
export const OURS = "accord";

/** All that can be played. */
export const CLIENT_NAMES: readonly string[] = [OURS, ...Object.keys(FOREIGN_CLIENTS)];

/** A client that can be started: ours, or one that was built. */
export type ReadyClient =
  | { readonly name: typeof OURS; readonly foreign?: undefined }
  | { readonly name: string; readonly foreign: ForeignCommand };

/** A client that runs. */
export interface RunningClient {
  readonly name: string;
  /** `grpc-go 1.85.0`; of ours nothing. */
  readonly version: string;
  readonly process: SpeakingProcess;
  /** The file that its calls are written to. */
  readonly calls: string;
}

/** What all clients of a rollout are told. */
export interface Clients {
  readonly folder: string;
  readonly resolution: NameResolution;
  readonly port: number;
  readonly tls: boolean;
  /** Calls a second, each. */
  readonly rate: number;
  readonly atMostMs: number;
  readonly timeoutMs?: number;
  /** How long two look-ups of a client that isn't ours are apart at least. */
  readonly lookUpMs: number;
  /** Of ours. */
  readonly channel: ClientInit["channel"];
  readonly lasting: ClientInit["lasting"];
}

/** Starts a client, and waits until it has begun. */
export async function startClient(client: ReadyClient, clients: Clients): Promise<RunningClient> {
  const { name, foreign } = client;
  const { resolution, folder, port, tls, channel, rate, atMostMs, timeoutMs, lookUpMs, lasting } = clients;
  const calls = join(folder, `calls-${name}.jsonl`);
  const load = { name, calls, rate, atMostMs, lasting, ...(timeoutMs === undefined ? {} : { timeoutMs }) };
  const target = resolution.target(port);
  const plan = (): object => ({
    ...clientPlan(
      { ...load, host: resolution.dns.name, port, lookUpMs, ...(tls ? { ca: CA, serverName: SERVER_NAME } : {}) },
      FOREIGN_CLIENTS[name]?.deadlines,
    ),
    target,
  });
  const init = (): ClientInit => ({ ...load, target, channel, ...(tls ? { ca: CA } : {}) });
  const { command, env = {} }: ForeignCommand = foreign ?? {
    command: [process.execPath, fileURLToPath(new URL("./client-process.js", import.meta.url))],
  };
  const speaking = new SpeakingProcess([...resolution.prefix, ...command], {
    ...resolution.env,
    ...env,
    CLIENT: JSON.stringify(foreign === undefined ? init() : plan()),
  });
  const { version } = await speaking.event("started");
  const title = FOREIGN_CLIENTS[name]?.title;
  return { name, version: title === undefined ? "" : `${title} ${version}`, process: speaking, calls };
}
