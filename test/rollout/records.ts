import { readFileSync } from "node:fs";

/** A call, as its caller saw it. Times are in milliseconds since 1970. */
export interface CallRecord {
  readonly id: string;
  readonly method: MethodName;
  readonly startedAt: number;
  readonly endedAt: number;
  /** `OK`, `UNAVAILABLE`, … */
  readonly status: string;
  readonly message?: string;
  /** Its response headers had come: gRPC sends it no more, whatever its policy. Only where a client can tell. */
  readonly committed?: boolean;
  /** The backends that its attempts went to, the last one last. Empty if it got to none. */
  readonly peers: readonly string[];
}

/** That a servicer's method ran. */
export interface ExecutionRecord {
  readonly id: string;
  readonly method: MethodName;
  /** Where. */
  readonly backend: string;
  /** When it began, in milliseconds since 1970. */
  readonly at: number;
  /** How many attempts there had been before, as the client says: 0 for the first. */
  readonly previousAttempts: number;
}

/** What the client calls. `WatchOpen` and `HealthWatch` are streams that stay open until the server ends them. */
export const METHODS = [
  "Transfer",
  "GetAccount",
  "VerifyBooks",
  "ListEntries",
  "ImportEntries",
  "Watch",
  "WatchOpen",
  "HealthWatch",
] as const;
export type MethodName = (typeof METHODS)[number];

/** What the contract lets gRPC send again. */
export const RETRIED: ReadonlySet<MethodName> = new Set(["Transfer", "GetAccount"]);

/** The header that carries a call's id. */
export const ID_HEADER = "x-call-id";

/** Reads a file of JSON lines. A process that was killed may have left half a line at its end. */
export function readRecords<T>(path: string): T[] {
  const lines = readFileSync(path, "utf8").split("\n");
  lines.pop();
  return lines.map((line) => JSON.parse(line) as T);
}
