/** A call of whose message a part is held. */
export interface BufferingCall {
  /** How many bytes its message still lacks. */
  readonly missingBytes: number;
  /** Reads on. */
  readOn(): void;
}

/** What a call is told that wants to read on. */
export type Permission = "read" | "wait" | "refuse";

// What is read freely, what is read to its end, and what wider windows let peers send ahead, is a quarter of the limit each. The
// rest is for what those may have sent ahead that wait, and for memory that is free but not yet found to be so.
const SHARES = 4;

/** What of a server's limit all connections together may have for wider windows than the first. */
export function windowShare(maxBytes: number): number {
  return Math.floor(maxBytes / SHARES);
}

/**
 * How many bytes of requests a server holds that no handler has got yet. Up to a quarter of its limit, all calls read as they like.
 * Beyond it, and until nobody waits any more, only so many do as fit into another quarter with all that they still lack: so those
 * come to their end, and the others wait for them, paused. When as many wait as would fill the limit with what HTTP/2 lets them send ahead, the next is refused.
 */
export class RequestBudget {
  readonly #maxBytes: number;
  readonly #windowBytes: number;
  readonly #onPressure: (isHigh: boolean) => void;
  readonly #granted = new Map<BufferingCall, number>();
  readonly #waiting = new Set<BufferingCall>();
  #heldBytes = 0;
  #grantedBytes = 0;

  /**
   * @param windowBytes what a stream may have sent ahead before it was paused: its first window
   * @param onPressure is told when calls begin to wait, and when none does any more
   */
  constructor(maxBytes: number, windowBytes: number, onPressure: (isHigh: boolean) => void) {
    this.#maxBytes = maxBytes;
    this.#windowBytes = windowBytes;
    this.#onPressure = onPressure;
  }

  /** Whether calls wait. */
  get isHigh(): boolean {
    return this.#waiting.size > 0;
  }

  /** A call holds so much more than before, or less. */
  hold(bytes: number): void {
    this.#heldBytes += bytes;
    if (bytes < 0 && this.#waiting.size > 0) {
      this.#wake();
    }
  }

  /** Asks whether a call may read on. `"wait"`: it will be told. */
  ask(call: BufferingCall): Permission {
    const isLow = this.#heldBytes < this.#maxBytes / SHARES && this.#waiting.size === 0;
    if (isLow || this.#granted.has(call)) {
      return "read";
    }
    if (this.#waiting.size === 0 && this.#fits(call)) {
      this.#grant(call);
      return "read";
    }
    if (this.#waiting.size * this.#windowBytes >= this.#maxBytes) {
      return "refuse";
    }
    this.#waiting.add(call);
    if (this.#waiting.size === 1) {
      this.#onPressure(true);
    }
    return "wait";
  }

  /** A call's message is whole, or nobody wants it any more. */
  done(call: BufferingCall): void {
    const reserved = this.#granted.get(call);
    if (reserved !== undefined) {
      this.#granted.delete(call);
      this.#grantedBytes -= reserved;
    }
    if (this.#waiting.delete(call) && this.#waiting.size === 0) {
      this.#onPressure(false);
    }
    if (reserved !== undefined && this.#waiting.size > 0) {
      this.#wake();
    }
  }

  #fits(call: BufferingCall): boolean {
    return this.#granted.size === 0 || this.#grantedBytes + call.missingBytes <= this.#maxBytes / SHARES;
  }

  #grant(call: BufferingCall): void {
    const missing = call.missingBytes;
    this.#granted.set(call, missing);
    this.#grantedBytes += missing;
  }

  /** Lets those who waited longest read on, as many as may. */
  #wake(): void {
    for (const call of this.#waiting) {
      if (!this.#fits(call)) {
        return;
      }
      this.#waiting.delete(call);
      this.#grant(call);
      if (this.#waiting.size === 0) {
        this.#onPressure(false);
      }
      call.readOn();
    }
  }
}
