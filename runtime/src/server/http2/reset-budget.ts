// What Node's HTTP/2 permits: so many resets by a peer at once, and so many more a second. Beyond it, Node 20 leaves the connection
// open and dead, and later versions end it: with all calls on it, be they ever so well. It can't be told otherwise on Node 20.
const BURST = 1000;
const PER_SECOND = 33;

// A connection leaves while the calls that it has can still be reset.
const RESERVE = 50;
const LEAST = 100;

/** Knows when a connection is better closed than lost: its peer has reset nearly as many calls as Node permits. */
export class ResetBudget {
  #taken = 0;
  #at = 0;

  /** A call was reset. Returns whether it is time to leave. @param openCalls how many others may be reset as well */
  take(openCalls: number, now = performance.now()): boolean {
    this.#taken = Math.max(0, this.#taken - ((now - this.#at) / 1000) * PER_SECOND) + 1;
    this.#at = now;
    return this.#taken >= Math.max(LEAST, BURST - RESERVE - openCalls);
  }
}
