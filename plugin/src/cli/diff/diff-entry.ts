/** What a change means to those who call. */
export type Effect = "breaks" | "warns" | "new" | "gone" | "differs";

/** One change, in a sentence. */
export interface DiffEntry {
  readonly effect: Effect;
  /** Plain words; code in backticks. */
  readonly text: string;
}

/** The changes of one thing: a method, a service, a package's errors. */
export interface DiffSection {
  /** `LedgerService.Transfer` */
  readonly title: string;
  readonly entries: readonly DiffEntry[];
}
