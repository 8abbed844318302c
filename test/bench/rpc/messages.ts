import type { LoadResult } from "./load.js";
import type { SubjectName } from "./subject.js";

// What the bench says to its processes, and what they answer.

/** A question to a process. The first to each process is `start`. */
export type Question =
  | { readonly kind: "start"; readonly subject: SubjectName; readonly port?: number }
  | { readonly kind: "warmUp"; readonly scenario: string; readonly calls: number }
  | { readonly kind: "load"; readonly scenario: string; readonly seconds: number }
  | { readonly kind: "usage" }
  | { readonly kind: "stop" };

/** What a process has used so far. */
export interface Usage {
  /** Of all its threads, user and system. */
  readonly cpuMicroseconds: number;
  readonly heapBytes: number;
  readonly residentBytes: number;
}

/** The answer to a question. */
export type Answer = { readonly port?: number; readonly load?: LoadResult; readonly usage?: Usage };
