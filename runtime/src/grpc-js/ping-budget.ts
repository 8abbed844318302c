// A server with default options takes a ping within five minutes of the one before for a strike, Java's even the first of a
// connection, unless it has sent data meanwhile; the third strike ends the connection (gRFC A8).
const PINGS_WITHOUT_DATA = 2;
const PERMITTED_MS = 330_000;

/**
 * How many pings a connection's peer takes amiss, if it has default options and says nothing of itself: the third without data
 * in between. Whoever may not ping can still ask, by an empty SETTINGS frame, which has to be answered as well.
 */
export class PingBudget {
  /** Pings of which the peer may not have sent data since. */
  #unforgotten = 0;
  #isAnswered = true;
  #lastAt = Number.NEGATIVE_INFINITY;

  /** Whether there are pings that data would have the peer forget. */
  get isUsed(): boolean {
    return this.#unforgotten > 0;
  }

  /** Whether a ping may be sent now; it counts as sent. */
  take(now: number): boolean {
    if (this.#unforgotten >= PINGS_WITHOUT_DATA && now - this.#lastAt < PERMITTED_MS) {
      return false;
    }
    this.#unforgotten += 1;
    this.#isAnswered = false;
    this.#lastAt = now;
    return true;
  }

  /** The last ping was answered: what the peer sends from now on, it sends after it has counted that ping. */
  answered(): void {
    this.#isAnswered = true;
  }

  /** Headers or data came. */
  dataCame(): void {
    if (this.#isAnswered) {
      this.#unforgotten = 0;
    }
  }
}
