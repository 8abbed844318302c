import type { Pair } from "./scene.js";
import type { Outcome } from "./work.js";

/** What a row measures, and so what is better. */
export type Measure =
  /** MB/s. */
  | "rate"
  /** Calls that were lost though nothing but the wire was slow: none may be. */
  | "loss"
  /** Calls that were lost by a fault, which costs everybody some. */
  | "fault"
  /** Calls that were lost by a backend's end: those that were under way there, with everybody. */
  | "end"
  /** Seconds until calls are OK again. */
  | "recovery"
  /** Executions of each call. */
  | "attempts"
  /** Calls a second that were answered in time. */
  | "goodput";

/** What came of one row with one pair. */
export interface Cell {
  /** As the table shows it. */
  readonly text: string;
  /** What is compared. `null`: it never came to it. */
  readonly value: number | null;
  /** How many calls were lost, by their kind. */
  readonly lost: Readonly<Record<string, number>>;
  /** In milliseconds, at each phase. */
  readonly times?: readonly number[];
  /** How many Puts were executed more than once. */
  readonly twice?: number;
  /** With which statuses, for whoever looks closer. */
  readonly statuses?: Readonly<Record<string, number>>;
}

/** A row of the table. */
export interface Row {
  readonly title: string;
  readonly measure: Measure;
  /** Whether CI plays it. */
  readonly quick: boolean;
  /** Whether the pairs play it one after the other, since they need the machine. */
  readonly isAlone: boolean;
  /** Whether it is played on the kernel's wire alone. */
  readonly needsKernelWire?: boolean;
  play(pair: Pair, isQuick: boolean): Promise<Cell>;
}

/** What was lost in all. */
export function total(lost: Cell["lost"]): number {
  return Object.values(lost).reduce((sum, count) => sum + count, 0);
}

/** The losses of several outcomes in one. */
export function sum(outcomes: readonly Outcome[]): Pick<Cell, "lost" | "statuses"> {
  const lost: Record<string, number> = {};
  const statuses: Record<string, number> = {};
  for (const outcome of outcomes) {
    for (const [of, counts] of [
      [lost, outcome.lost],
      [statuses, outcome.statuses],
    ] as const) {
      for (const [name, count] of Object.entries(counts)) {
        of[name] = (of[name] ?? 0) + count;
      }
    }
  }
  return { lost, statuses };
}

/** `95 gets, 1 put`, or `none`. */
export function lostText(lost: Cell["lost"]): string {
  const parts = Object.entries(lost).map(([name, count]) => `${count} ${count === 1 ? name : `${name}s`}`);
  return parts.length === 0 ? "none" : parts.join(", ");
}
