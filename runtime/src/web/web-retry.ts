import { backoffMs } from "../client/backoff.js";
import { type ResendBudget, resendBudget } from "../client/resend-budget.js";
import type { ContractError } from "../errors/contract-error.js";
import type { ErrorMap } from "../errors/error-map.js";
import { statusName } from "../wire/status.js";
import type { CallClock } from "./call-clock.js";
import type { WebRetryPolicy } from "./web-method.js";

/** Whether and when a call is made again: gRFC A6, as far as a browser hears of what it needs. */
export class WebRetry {
  readonly #policy: WebRetryPolicy | undefined;
  readonly #errors: ErrorMap;
  readonly #budget: ResendBudget;
  #attempts = 0;

  /** @param transport whose calls share a budget */
  constructor(policy: WebRetryPolicy | undefined, errors: ErrorMap, transport: object) {
    this.#policy = policy;
    this.#errors = errors;
    this.#budget = resendBudget(transport, policy?.throttle);
  }

  /** An attempt has come to a response. */
  succeeded(): void {
    this.#budget.succeeded();
  }

  /** How long to wait before the next attempt; `undefined`: there is none. */
  waitMs(error: ContractError, clock: CallClock): number | undefined {
    const policy = this.#policy;
    this.#attempts += 1;
    if (policy === undefined || !policy.codes.some((code) => code === statusName(error.status))) {
      return undefined;
    }
    this.#budget.failed();
    const entry = this.#errors.entryOf(error)?.entry;
    if (entry?.neverResend === true || this.#attempts >= policy.maxAttempts || !this.#budget.allows) {
      return undefined;
    }
    const waitMs = error.retryAfterMs ?? backoffMs(policy, this.#attempts);
    const { remainingMs } = clock;
    return remainingMs !== undefined && waitMs >= remainingMs ? undefined : waitMs;
  }
}

/** Waits, or until the call is cancelled. */
export function waited(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    signal?.addEventListener("abort", done);
  });
}
