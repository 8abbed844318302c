/** How many pings may come too early before the connection ends. */
const MAX_STRIKES = 2;

/**
 * Counts a peer's pings as gRFC A8 has it: one that comes sooner after the last than the server permits is a strike, and the
 * third strike ends the connection. Whatever the server sends takes the strikes back, as peers measure their connections by what
 * they receive.
 */
export class PingStrikes {
  readonly #minIntervalMs: number;
  #lastAt = Number.NEGATIVE_INFINITY;
  #strikes = 0;
  #hasSent = false;

  constructor(minIntervalMs: number) {
    this.#minIntervalMs = minIntervalMs;
  }

  /** The server sends HEADERS or DATA. */
  sent(): void {
    this.#hasSent = true;
  }

  /** A ping came. Returns whether it was one too many. */
  strike(now = performance.now()): boolean {
    if (this.#hasSent) {
      this.#hasSent = false;
      this.#strikes = 0;
    } else if (now - this.#lastAt < this.#minIntervalMs) {
      this.#strikes += 1;
    }
    this.#lastAt = now;
    return this.#strikes > MAX_STRIKES;
  }
}
