import type { Logger } from "../log/logger.js";

const TOLD_EVERY_MS = 1000;

/**
 * Counts calls whose callers left before a handler ran. Each is a line at debug, and together they are one a second at warn: a
 * peer that resets as fast as it can must not fill the log, nor go unseen.
 */
export class UnbegunCalls {
  readonly #logger: Logger;
  #count = 0;
  #toldAt = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** Another one. */
  add(): void {
    this.#count += 1;
    if (this.#timer === undefined) {
      const waitMs = Math.max(0, this.#toldAt + TOLD_EVERY_MS - performance.now());
      this.#timer = setTimeout(() => this.#tell(), waitMs);
      this.#timer.unref();
    }
  }

  #tell(): void {
    this.#timer = undefined;
    this.#toldAt = performance.now();
    const calls = this.#count;
    this.#count = 0;
    this.#logger.warn({ calls }, "server.calls_left: their callers left before they were served");
  }
}
