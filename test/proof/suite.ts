/** What became of one case of a suite. */
export interface CaseResult {
  /** Segments divided by `/`, so that known failures can name groups of cases. */
  readonly name: string;
  /** `skipped`: a peer can't do it, or the suite leaves it out itself; `message` says why. */
  readonly outcome: "passed" | "failed" | "skipped";
  readonly message?: string;
  /** How many cases it stands for, where a suite counts and doesn't name what it leaves out. Default: 1. */
  readonly count?: number;
}

/** What a suite came to. */
export interface SuiteRun {
  /** Of what is run: `connectconformance v1.0.7`. */
  readonly version: string;
  readonly cases: readonly CaseResult[];
  /** How many more passed, where a suite names only what doesn't. */
  readonly unnamed?: number;
}

/** How a suite is run. */
export interface SuiteRequest {
  /** Only the cases whose names fit one of these patterns; empty: all. */
  readonly patterns: readonly string[];
  /** The half that each commit repeats. */
  readonly quick: boolean;
  /** Says all that the suite's own program says. */
  readonly verbose: boolean;
}

/** One program of an outsider's, run against Accord. */
export interface Suite {
  /** As the command line names it: `connect-server`. */
  readonly name: string;
  /** As a table shows it. */
  readonly title: string;
  /** Where it comes from. */
  readonly source: string;
  /** Whether each commit runs it, or a part of it. */
  readonly quick: boolean;
  /** The file of its known failures, relative to this folder. */
  readonly knownFailures: string;
  /** Where suites share a list: of its lines, only those that begin with this, or with `*`, are about this suite. */
  readonly scope?: string;
  /** @throws {NotRun} if something that it needs can't be had on this machine */
  run(request: SuiteRequest): Promise<SuiteRun>;
}

/** A suite can't be run here: a row of its own in the table, and no failure of ours, but never a success either. */
export class NotRun extends Error {
  override readonly name = "NotRun";
}
