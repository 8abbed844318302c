import type { LoadResult } from "./load.js";
import type { SubjectName } from "./subject.js";

// What the bench says to its processes, and what they answer.

/** A question to a process. The first to each process is `start`. */
export type Question =
  | { readonly kind: "start"; readonly subject: SubjectName; readonly port?: number }
  | { readonly kind: "warmUp"; readonly scenario: string; readonly calls: number }
  | { readonly kind: "load"; readonly scenario: string; readonly seconds: number }
  /** So many connections, each with a call. They stay open until the next question. */
  | { readonly kind: "connect"; readonly port: number; readonly connections: number }
  /** So many streams on one connection. They stay open until the next question. */
  | { readonly kind: "watch"; readonly port: number; readonly streams: number }
  | { readonly kind: "usage"; readonly afterGarbageCollection?: boolean }
  | { readonly kind: "stop" };

/** What a process has used so far. */
export interface Usage {
  /** Of all its threads, user and system. */
  readonly cpuMicroseconds: number;
  readonly heapBytes: number;
  readonly residentBytes: number;
}

/** The answer to a question. */
export type Answer = {
  readonly port?: number;
  readonly load?: LoadResult;
  readonly usage?: Usage;
  /** How long it took. */
  readonly milliseconds?: number;
};
