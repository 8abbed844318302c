/** When streams are resumed no more since hardly any comes to something (gRFC A6's throttling). */
export interface ResendThrottle {
  readonly maxTokens: number;
  readonly tokenRatio: number;
}

/** What streams of a channel have left to be resumed by. Without a throttle, there is always something. */
export interface ResendBudget {
  readonly allows: boolean;
  /** An attempt came to nothing. */
  failed(): void;
  /** A response came. */
  succeeded(): void;
}

const budgets = new WeakMap<object, TokenBucket>();

/** The budget of a channel, or of what else carries calls: services of a package agree on the throttle. */
export function resendBudget(channel: object, throttle: ResendThrottle | undefined): ResendBudget {
  if (throttle === undefined) {
    return UNLIMITED;
  }
  let budget = budgets.get(channel);
  if (budget === undefined) {
    budget = new TokenBucket(throttle);
    budgets.set(channel, budget);
  }
  return budget;
}

const UNLIMITED: ResendBudget = { allows: true, failed: () => {}, succeeded: () => {} };

class TokenBucket implements ResendBudget {
  readonly #throttle: ResendThrottle;
  #tokens: number;

  constructor(throttle: ResendThrottle) {
    this.#throttle = throttle;
    this.#tokens = throttle.maxTokens;
  }

  get allows(): boolean {
    return this.#tokens > this.#throttle.maxTokens / 2;
  }

  failed(): void {
    this.#tokens = Math.max(0, this.#tokens - 1);
  }

  succeeded(): void {
    this.#tokens = Math.min(this.#throttle.maxTokens, this.#tokens + this.#throttle.tokenRatio);
  }
}
