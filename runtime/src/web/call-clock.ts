import { LONGEST_TIMER_MS } from "../contract/defaults.js";

/** How long a call may still take, over all its attempts. */
export class CallClock {
  readonly #endsAt: number;

  /** @throws {TypeError} if the time isn't a number */
  constructor(timeoutMs: number | undefined) {
    const given: unknown = timeoutMs;
    if (given !== undefined && (typeof given !== "number" || Number.isNaN(given))) {
      throw new TypeError(`timeoutMs must be a number of milliseconds, or Infinity; it is ${String(given)}`);
    }
    this.#endsAt = timeoutMs === undefined ? Number.POSITIVE_INFINITY : performance.now() + timeoutMs;
  }

  /** In milliseconds; `undefined`: as long as it likes. */
  get remainingMs(): number | undefined {
    const remaining = this.#endsAt - performance.now();
    return remaining === Number.POSITIVE_INFINITY ? undefined : Math.min(Math.ceil(remaining), LONGEST_TIMER_MS);
  }

  get isOver(): boolean {
    return this.#endsAt <= performance.now();
  }
}
