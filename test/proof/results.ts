import type { Verdict } from "./known-failures.js";
import type { Suite, SuiteRun } from "./suite.js";

/** What is saved of a suite's last run: `results/<suite>.json`. The pages are made of it. */
export interface SavedResult {
  readonly suite: string;
  readonly title: string;
  readonly source: string;
  /** `2026-11-27` */
  readonly date: string;
  readonly node: string;
  /** Why it wasn't run. Then there are no figures. */
  readonly notRun?: string;
  readonly version?: string;
  /** Of those that ran: `passed` and `failed` add up to it. */
  readonly cases?: number;
  readonly passed?: number;
  /** Failures, by the reason that the list of known failures gives. */
  readonly failed?: readonly FailedCases[];
  readonly skipped?: readonly FailedCases[];
}

/** Cases with one reason. */
export interface FailedCases {
  readonly reason: string;
  /** As the list names them: a name, or a pattern. */
  readonly names: readonly string[];
  readonly count: number;
}

/** What a run and its verdict leave to be saved. */
export function resultOf(suite: Suite, { version, cases, unnamed = 0 }: SuiteRun, verdict: Verdict): SavedResult {
  return {
    ...circumstances(suite),
    version,
    cases: cases.length - verdict.skipped.length + unnamed,
    passed: verdict.passed + unnamed,
    failed: byReason([
      ...verdict.known.map(({ failure, failed }) => ({ ...failure, count: failed.length })),
      ...verdict.unknown.map(({ name, message = "" }) => ({ pattern: name, reason: `unknown: ${message}`, count: 1 })),
    ]),
    skipped: byReason(
      verdict.skipped.map(({ name, message = "left out by the suite", count = 1 }) => ({
        pattern: name,
        reason: message,
        count,
      })),
    ),
  };
}

/** What is left to be saved of a suite that couldn't be run. */
export function notRunResult(suite: Suite, reason: string): SavedResult {
  return { ...circumstances(suite), notRun: reason };
}

function circumstances({ name, title, source }: Suite) {
  const date = new Date().toISOString().slice(0, 10);
  return { suite: name, title, source, date, node: process.version.slice(1) };
}

function byReason(
  failures: readonly { readonly pattern: string; readonly reason: string; readonly count: number }[],
): readonly FailedCases[] {
  const reasons = new Map<string, { names: string[]; count: number }>();
  for (const { pattern, reason, count } of failures) {
    const found = reasons.get(reason) ?? { names: [], count: 0 };
    reasons.set(reason, { names: [...found.names, pattern], count: found.count + count });
  }
  return [...reasons].map(([reason, { names, count }]) => ({ reason, names, count }));
}
