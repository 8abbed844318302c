import type { Logger } from "../log/logger.js";

const TOLD_EVERY_MS = 1000;

/** Why a call ended before its handler ran: its caller left, or the server refused it for want of room. */
export type UnbegunReason = "left" | "shed";

/**
 * Counts calls that ended before a handler ran, without anybody's fault. Each is a line at debug, and together they are one a
 * second at warn: a peer that resets as fast as it can, or a load that is too much, must not fill the log, nor go unseen.
 */
export class UnbegunCalls {
  readonly #logger: Logger;
  readonly #counts: Record<UnbegunReason, number> = { left: 0, shed: 0 };
  #toldAt = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** Another one. */
  add(reason: UnbegunReason): void {
    this.#counts[reason] += 1;
    if (this.#timer === undefined) {
      const waitMs = Math.max(0, this.#toldAt + TOLD_EVERY_MS - performance.now());
      this.#timer = setTimeout(() => this.#tell(), waitMs);
      this.#timer.unref();
    }
  }

  #tell(): void {
    const { left, shed } = this.#counts;
    this.#timer = undefined;
    this.#toldAt = performance.now();
    this.#counts.left = 0;
    this.#counts.shed = 0;
    this.#logger.warn({ left, shed }, "server.calls_unbegun");
  }
}
