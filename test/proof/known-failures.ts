import { readFileSync } from "node:fs";
import { fitsPattern } from "./case-pattern.js";
import type { CaseResult } from "./suite.js";

/** A line of a list of known failures. */
export interface KnownFailure {
  readonly pattern: string;
  /** Fails now and then, rather than each time. */
  readonly flaky: boolean;
  readonly reason: string;
}

/** A run, held against what was known. */
export interface Verdict {
  readonly passed: number;
  readonly skipped: readonly CaseResult[];
  /** Each known failure with the cases that failed for it. */
  readonly known: readonly { readonly failure: KnownFailure; readonly failed: readonly string[] }[];
  /** Failed, and nobody knew. */
  readonly unknown: readonly CaseResult[];
  /** What the list says of cases that passed, and of cases that there aren't: it has to shrink. */
  readonly stale: readonly string[];
}

/**
 * Reads a list of known failures: a pattern and its reason on each line, with ` # ` between them. `flaky ` before a pattern says
 * that its cases fail now and then. Empty lines and lines that begin with `#` are the reader's.
 *
 * @throws {Error} if a line has no reason
 */
export function readKnownFailures(path: string): readonly KnownFailure[] {
  return readFileSync(path, "utf8")
    .split("\n")
    .flatMap((line, index): KnownFailure[] => {
      if (line.trim() === "" || line.startsWith("#")) {
        return [];
      }
      const [, flaky, pattern, reason] = /^(flaky )?(\S.*?) +# +(\S.*)$/.exec(line) ?? [];
      if (pattern === undefined || reason === undefined) {
        throw new Error(`${path}:${index + 1}: write a pattern, " # " and a reason`);
      }
      return [{ pattern, reason: reason.trim(), flaky: flaky !== undefined }];
    });
}

/**
 * Holds a run against the list. A case belongs to the first line that fits it.
 *
 * @param complete whether all cases were run, so that a line that fits none of them is stale
 */
export function judge(cases: readonly CaseResult[], list: readonly KnownFailure[], complete: boolean): Verdict {
  const byFailure = new Map(list.map((failure) => [failure, [] as CaseResult[]]));
  const others: CaseResult[] = [];
  for (const result of cases) {
    const failure = list.find(({ pattern }) => fitsPattern(result.name, pattern));
    (failure === undefined ? others : (byFailure.get(failure) ?? others)).push(result);
  }
  const stale = [...byFailure].flatMap(([failure, fitting]) => staleness(failure, fitting, complete));
  return {
    passed: cases.filter(({ outcome }) => outcome === "passed").length,
    skipped: cases.filter(({ outcome }) => outcome === "skipped"),
    known: [...byFailure]
      .map(([failure, fitting]) => ({
        failure,
        failed: fitting.filter(({ outcome }) => outcome === "failed").map(({ name }) => name),
      }))
      .filter(({ failed }) => failed.length > 0),
    unknown: others.filter(({ outcome }) => outcome === "failed"),
    stale,
  };
}

function staleness(failure: KnownFailure, fitting: readonly CaseResult[], complete: boolean): readonly string[] {
  if (fitting.length === 0) {
    return complete ? [`${failure.pattern}: there is no such case`] : [];
  }
  return failure.flaky
    ? []
    : fitting.filter(({ outcome }) => outcome === "passed").map(({ name }) => `${name}: passes (${failure.pattern})`);
}
