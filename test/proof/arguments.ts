import type { SuiteRequest } from "./suite.js";

/** What `npm run proof` was asked for. */
export interface ProofArguments extends SuiteRequest {
  /** Names of suites; empty: all. */
  readonly suites: readonly string[];
}

/**
 * Reads the command line.
 *
 * @throws {Error} if something in it isn't understood
 */
export function readArguments(args: readonly string[], known: readonly string[]): ProofArguments {
  const suites: string[] = [];
  const patterns: string[] = [];
  let quick = false;
  let verbose = false;
  for (const argument of args) {
    if (argument === "--quick") {
      quick = true;
    } else if (argument === "--verbose") {
      verbose = true;
    } else if (argument.startsWith("--case=")) {
      patterns.push(argument.slice("--case=".length));
    } else if (known.includes(argument)) {
      suites.push(argument);
    } else {
      throw new Error(
        `npm run proof doesn't know "${argument}". It takes --quick, --verbose, --case=<pattern>, and suites: ${known.join(", ")}`,
      );
    }
  }
  if (patterns.length > 0 && suites.length === 0) {
    throw new Error("--case=… needs the suite to look in");
  }
  return { suites, patterns, quick, verbose };
}
