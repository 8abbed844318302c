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
  #bytesWritten = 0;

  constructor(minIntervalMs: number) {
    this.#minIntervalMs = minIntervalMs;
  }

  /** A ping came. Returns whether it was one too many. @param bytesWritten what the server has sent on the connection */
  strike(bytesWritten: number, now = performance.now()): boolean {
    const sent = bytesWritten - this.#bytesWritten;
    this.#bytesWritten = bytesWritten;
    if (sent > ANSWERS_BYTES) {
      this.#strikes = 0;
    } else if (now - this.#lastAt < this.#minIntervalMs) {
      this.#strikes += 1;
    }
    this.#lastAt = now;
    return this.#strikes > MAX_STRIKES;
  }
}

// The answer to a ping has 17 bytes, with TLS about 40. Less than any response, which is HEADERS twice.
const ANSWERS_BYTES = 60;
