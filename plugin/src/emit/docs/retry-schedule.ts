import type { ResendModel } from "../../model/model.js";

/** When the attempts of a call start, if each fails at once. In milliseconds after the call's start. */
export interface AttemptModel {
  /** 1 is the call itself. */
  readonly number: number;
  readonly earliestMs: number;
  readonly latestMs: number;
  /** The wait before it, without jitter. 0 for the first. */
  readonly backoffMs: number;
}

/** gRFC A6: each backoff is multiplied by a random number between these. */
export const JITTER = { least: 0.8, most: 1.2 } as const;

/** The attempts of a call, at least one. */
export function attemptsOf(resend: ResendModel): readonly AttemptModel[] {
  const attempts: AttemptModel[] = [{ number: 1, earliestMs: 0, latestMs: 0, backoffMs: 0 }];
  if (resend.kind === "none") {
    return attempts;
  }
  const jitter = resend.kind === "retry" ? JITTER : { least: 1, most: 1 };
  let [earliestMs, latestMs] = [0, 0];
  for (let number = 2; number <= resend.maxAttempts; number++) {
    const backoffMs =
      resend.kind === "retry"
        ? Math.min(resend.initialBackoffMs * resend.backoffMultiplier ** (number - 2), resend.maxBackoffMs)
        : resend.delayMs;
    earliestMs += jitter.least * backoffMs;
    latestMs += jitter.most * backoffMs;
    attempts.push({ number, earliestMs, latestMs, backoffMs });
  }
  return attempts;
}
