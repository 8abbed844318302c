import { type HedgingPolicy, type RetryPolicy, Status } from "../read/options.js";
import { durationMs } from "./duration.js";

/** A retry policy with its defaults applied. */
export interface RetryNumbers {
  readonly maxAttempts: number;
  readonly initialBackoffMs: number;
  readonly maxBackoffMs: number;
  readonly backoffMultiplier: number;
  readonly codes: readonly Status[];
}

/** A hedging policy with its defaults applied. */
export interface HedgeNumbers {
  readonly maxAttempts: number;
  readonly delayMs: number;
  readonly nonFatalCodes: readonly Status[];
}

/** What `retry {}` means. */
export const DEFAULT_RETRY: RetryNumbers = {
  maxAttempts: 5,
  initialBackoffMs: 100,
  maxBackoffMs: 2_000,
  backoffMultiplier: 2,
  codes: [Status.UNAVAILABLE],
};

/** grpc-js caps attempts at this, silently, and refuses less than the smaller. */
export const ATTEMPTS = { least: 2, most: 5 } as const;

/** Whether a call may be sent that often. */
export function isAttempts(attempts: number): boolean {
  return attempts >= ATTEMPTS.least && attempts <= ATTEMPTS.most;
}

/** Applies the defaults. A duration that can't be read counts as its default; DURATION_SYNTAX tells of it. */
export function retryNumbers(policy: RetryPolicy): RetryNumbers {
  return {
    maxAttempts: policy.maxAttempts || DEFAULT_RETRY.maxAttempts,
    initialBackoffMs: durationMs(policy.initialBackoff) ?? DEFAULT_RETRY.initialBackoffMs,
    maxBackoffMs: durationMs(policy.maxBackoff) ?? DEFAULT_RETRY.maxBackoffMs,
    // NaN isn't unset: RETRY_RANGE tells of it.
    backoffMultiplier: policy.backoffMultiplier === 0 ? DEFAULT_RETRY.backoffMultiplier : policy.backoffMultiplier,
    codes: policy.codes.length > 0 ? policy.codes : DEFAULT_RETRY.codes,
  };
}

/** Applies the defaults. A delay that can't be read counts as its default; DURATION_SYNTAX tells of it. */
export function hedgeNumbers(policy: HedgingPolicy): HedgeNumbers {
  return {
    maxAttempts: policy.maxAttempts,
    delayMs: durationMs(policy.delay) ?? 0,
    nonFatalCodes: policy.nonFatalCodes.length > 0 ? policy.nonFatalCodes : [Status.UNAVAILABLE],
  };
}

/** gRPC spreads each wait over ±20 %. */
export const JITTER = 1.2;

/** The waits of a policy at their longest, without jitter. Attempts beyond gRPC's most aren't counted. */
export function backoffs(numbers: RetryNumbers): number[] {
  const waits = Math.min(numbers.maxAttempts, ATTEMPTS.most) - 1;
  return Array.from({ length: Math.max(0, waits) }, (_, k) =>
    Math.min(numbers.initialBackoffMs * numbers.backoffMultiplier ** k, numbers.maxBackoffMs),
  );
}

/** The longest that the waits can take together, jitter included, in milliseconds: to a thousandth, since 1.2 × 1ms is no whole number. */
export function worstCaseBackoffMs(numbers: RetryNumbers): number {
  const sum = backoffs(numbers).reduce((total, wait) => total + wait, 0);
  return Math.round(sum * JITTER * 1_000) / 1_000;
}
