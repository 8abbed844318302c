/** A call of whose message a part is held. */
export interface BufferingCall {
  /** How many bytes its message still lacks. */
  readonly missingBytes: number;
  /** Reads no more until it is told to {@link readOn}, as if it had asked. */
  holdOn(): void;
  /** Reads on. */
  readOn(): void;
}

/** What a call is told that wants to read on. */
export type Permission = "read" | "wait" | "refuse";

// What is read freely, and what is read to its end, is an eighth of the limit each; what wider windows let peers send ahead, and what
// first windows do before they are narrowed, a quarter. The rest is for what those have sent ahead that wait, and for memory that is free
// but not yet found to be so.
const READ_SHARE = 8;
const WINDOW_SHARE = 4;

/** What of a server's limit all connections together may have for wider windows than the first. */
export function windowShare(maxBytes: number): number {
  return Math.floor(maxBytes / WINDOW_SHARE);
}

/**
 * How many bytes of requests a server holds that no handler has got yet. Up to an eighth of its limit, all calls read as they like.
 * Beyond it, and until nobody waits any more, only so many do as fit into another eighth with all that they still lack: so those
 * come to their end, and the others wait for them, paused. When as many wait as would fill the limit with what HTTP/2 lets them send
 * ahead, the next is refused.
 *
 * What streams have sent ahead comes whether or not anybody reads it. So their windows become narrow before that matters: when as many
 * messages have begun as would fill a quarter of the limit with their windows.
 */
export class RequestBudget {
  readonly #maxBytes: number;
  readonly #windowBytes: number;
  readonly #onPressure: (isHigh: boolean) => void;
  readonly #granted = new Map<BufferingCall, number>();
  readonly #waiting = new Set<BufferingCall>();
  readonly #begun = new Set<BufferingCall>();
  #heldBytes = 0;
  #grantedBytes = 0;
  #isHigh = false;

  /**
   * @param windowBytes what a stream may have sent ahead before it was paused: its first window
   * @param onPressure is told when windows have to be narrow, and when they may be as wide as ever
   */
  constructor(maxBytes: number, windowBytes: number, onPressure: (isHigh: boolean) => void) {
    this.#maxBytes = maxBytes;
    this.#windowBytes = windowBytes;
    this.#onPressure = onPressure;
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
    this.#begun.add(call);
    const permission = this.#permission(call);
    this.#press();
    return permission;
  }

  #permission(call: BufferingCall): Permission {
    const isLow = this.#heldBytes < this.#maxBytes / READ_SHARE && this.#waiting.size === 0;
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
    this.#wait(call);
    return "wait";
  }

  /** With the first that has to wait, all do whose turn it isn't: what each would read before it asks is a lot for all of them. */
  #wait(call: BufferingCall): void {
    const isFirst = this.#waiting.size === 0;
    this.#waiting.add(call);
    if (isFirst) {
      for (const other of this.#begun) {
        if (other !== call && !this.#granted.has(other) && other.missingBytes > 0) {
          this.#waiting.add(other);
          other.holdOn();
        }
      }
    }
  }

  /** A call's message is whole, or nobody wants it any more. */
  done(call: BufferingCall): void {
    const reserved = this.#granted.get(call);
    if (reserved !== undefined) {
      this.#granted.delete(call);
      this.#grantedBytes -= reserved;
    }
    this.#begun.delete(call);
    this.#waiting.delete(call);
    if (reserved !== undefined && this.#waiting.size > 0) {
      this.#wake();
    }
    this.#press();
  }

  /** Says when windows have to change. Not back and forth at one number of calls: each change is a frame on each connection. */
  #press(): void {
    const aheadBytes = this.#begun.size * this.#windowBytes;
    const most = windowShare(this.#maxBytes);
    const isHigh = aheadBytes >= (this.#isHigh ? most / 2 : most);
    if (isHigh !== this.#isHigh) {
      this.#isHigh = isHigh;
      this.#onPressure(isHigh);
    }
  }

  #fits(call: BufferingCall): boolean {
    return this.#granted.size === 0 || this.#grantedBytes + call.missingBytes <= this.#maxBytes / READ_SHARE;
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
      call.readOn();
    }
  }
}
