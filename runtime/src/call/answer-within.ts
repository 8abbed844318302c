import { messageOf } from "../wire/thrown-message.js";
import { abortOf, linkAbort, unlinkAbort } from "./abort-link.js";
import type { Abortable, AbortSource } from "./abortable.js";
import { UnusableAnswer } from "./call-failure.js";
import { isThenable } from "./method-layer.js";

/** How long whoever knows callers, or tokens, may take where nobody says, in milliseconds. */
export const DEFAULT_AUTH_TIMEOUT_MS = 10_000;

/** How long a callback's answer is waited for. */
export interface AnswerLimit {
  /** In milliseconds; `Infinity`: no limit of its own. */
  readonly timeoutMs: number;
  /** Makes the error that a late answer is replaced by. */
  readonly late: () => unknown;
  /** Whose end ends the wait: the answer is then of no use to anybody. */
  readonly source?: AbortSource | undefined;
}

/**
 * Asks a callback of the user's, and waits for its answer as long as the limit says. What comes later goes nowhere.
 *
 * A promise that never settles keeps whatever waits for it: and one that many calls share (keys that are fetched once, and
 * never come) would keep all of these calls. Therefore, what such a promise is given lets go of the call at the end of the wait.
 *
 * @throws what the callback throws or rejects with; `late()` if it takes too long; why `source` was aborted
 * @throws {UnusableAnswer} if the answer doesn't even let itself be looked at
 */
export function answerWithin<T>(ask: () => PromiseLike<T> | T, limit: AnswerLimit): Promise<T> | T {
  const answer = ask();
  return isPromise(answer) ? new Wait<T>(answer, limit).outcome : answer;
}

function isPromise<T>(answer: PromiseLike<T> | T): answer is PromiseLike<T> {
  try {
    return isThenable(answer);
  } catch (error) {
    throw new UnusableAnswer("A callback's answer can't be looked at", { cause: new Error(messageOf(error)) });
  }
}

interface Waiting<T> {
  readonly resolve: (answer: T) => void;
  readonly reject: (reason: unknown) => void;
}

class Wait<T> implements Abortable {
  readonly outcome: Promise<T>;
  #waiting: Waiting<T> | undefined;
  #source: AbortSource | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(answer: PromiseLike<T>, { timeoutMs, late, source }: AnswerLimit) {
    this.outcome = new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
    });
    if (timeoutMs !== Number.POSITIVE_INFINITY) {
      this.#timer = setTimeout(() => this.#end()?.reject(late()), timeoutMs);
    }
    if (source !== undefined) {
      this.#source = source;
      linkAbort(source, this);
      if (abortOf(source) !== undefined) {
        this.aborted(source);
      }
    }
    void this.#follow(answer);
  }

  aborted(source: AbortSource): void {
    this.#end()?.reject(abortOf(source)?.reason);
  }

  // `await` copes with whatever calls itself a promise, and calls back once at the most.
  async #follow(answer: PromiseLike<T>): Promise<void> {
    try {
      const value = await answer;
      this.#end()?.resolve(value);
    } catch (error) {
      this.#end()?.reject(error);
    }
  }

  /** Who waited; `undefined` if the wait was over. */
  #end(): Waiting<T> | undefined {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#source !== undefined) {
      unlinkAbort(this.#source, this);
      this.#source = undefined;
    }
    return waiting;
  }
}
