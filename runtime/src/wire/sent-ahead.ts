// While this side sends, TCP's acknowledgements may be all that a peer has to say for long, and Node doesn't show them.

/** How long a peer has to be heard while this side sends to it, in milliseconds. */
export const SENDING_ANSWER_MS = 20_000;

/** What may have been sent since something came last without that: it passes even a slow link meanwhile, and its peer answers. */
export const LITTLE_SENT_BYTES = 64 * 1024;

// What may be on its way when something comes without being waited for longer: at the slowest rate, it has arrived in time.
const ARRIVING_BYTES = 512 * 1024;
// In bytes a millisecond: what a link is taken for until it has shown that it is faster. Half of it is waited for.
const SLOWEST_RATE = 100;

/**
 * What this side has written of which nobody knows whether it has arrived. A peer may permit megabytes at once, as C-core does for a message
 * whose length it has read; while a slow link carries them, it says nothing, and its answer to a question comes behind them.
 *
 * That something came says little of what was written just before it. That a question was answered says that what was written before the
 * question has arrived, and in which time.
 */
export class SentAhead {
  #arrived = 0;
  /** Since when there has been more than what arrives in time. */
  #since: number | undefined;
  #rate = SLOWEST_RATE;

  /** Something came. @param written by then */
  heard(written: number): void {
    if (written - this.#arrived <= ARRIVING_BYTES) {
      this.#arrived = written;
      this.#since = undefined;
    }
  }

  /** Whether so much is on its way that only a question tells what has arrived. */
  isQuestionDue(written: number, now: number): boolean {
    const isDue = written - this.#arrived > ARRIVING_BYTES;
    if (isDue) {
      this.#since ??= now;
    }
    return isDue;
  }

  /** A question was answered. @param written when it was put */
  answered(written: number, now: number): void {
    const arrived = written - this.#arrived;
    if (arrived > 0 && this.#since !== undefined) {
      this.#rate = Math.max(SLOWEST_RATE, arrived / Math.max(1, now - this.#since));
      this.#arrived = written;
      this.#since = now;
    }
  }

  /** Whether more has been written than passes without being waited for. */
  isMuch(written: number): boolean {
    return written - this.#arrived > LITTLE_SENT_BYTES;
  }

  /** How long an answer may take that comes behind all that has been written: twice as long as it should, and 20 s at least. */
  answerMs(written: number): number {
    return Math.max(SENDING_ANSWER_MS, (2 * (written - this.#arrived)) / this.#rate);
  }
}
