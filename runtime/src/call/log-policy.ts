import type { LogLevel } from "../log/logger.js";
import { count, flag, type OptionRules, oneOf } from "../options/option-rule.js";

/** How the log lines of a method's calls are written. What is left out stays as it is elsewhere. */
export interface LogPolicy {
  /** Whether the lines have payloads. Default: yes. */
  readonly payload?: boolean;
  /** Whether a call has a line when its request is there and one at its end, or the latter alone. Default: both. */
  readonly lines?: "both" | "response";
  /**
   * Of the calls that end with OK, one in so many is logged: the first, and each so-manieth after it. Calls that end otherwise are
   * logged always, with all of their lines. Default 1: all.
   */
  readonly sampleOneIn?: number;
  /** The level of the request's line, and of the response's where the call ended with OK. Default: info. */
  readonly level?: LogLevel;
}

export const LOG_POLICY_RULES: OptionRules<LogPolicy> = {
  payload: flag,
  lines: oneOf("both", "response"),
  sampleOneIn: count("calls", { least: 1 }),
  level: oneOf("debug", "info", "warn", "error"),
};

/** Several policies in one: field by field, the last that says something. */
export function mergedPolicy(policies: readonly (LogPolicy | undefined)[]): LogPolicy {
  const merged: Record<string, unknown> = {};
  for (const [name, value] of policies.flatMap((policy) => Object.entries(policy ?? {}))) {
    if (value !== undefined) {
      merged[name] = value;
    }
  }
  return merged;
}

/** Which of a method's calls are logged though they end with OK; `undefined`: all. Each is asked about once, as it begins. */
export function samplerOf({ sampleOneIn = 1 }: LogPolicy): (() => boolean) | undefined {
  if (sampleOneIn === 1) {
    return undefined;
  }
  let calls = 0;
  return () => {
    const isSampled = calls === 0;
    calls = (calls + 1) % sampleOneIn;
    return isSampled;
  };
}
