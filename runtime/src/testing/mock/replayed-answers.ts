import type { Message } from "@bufbuild/protobuf";

/** The first answers to requests that have an idempotency key: as many as there is room for, the oldest forgotten first. */
export class ReplayedAnswers {
  readonly #most: number;
  readonly #answers = new Map<string, readonly Message[]>();

  constructor(most = 10_000) {
    this.#most = most;
  }

  /** What was answered under a key; `undefined`: nothing yet. */
  get(method: string, key: string): readonly Message[] | undefined {
    return this.#answers.get(`${method} ${key}`);
  }

  /** Keeps an answer. Only what was answered well: what failed has done nothing, and may be tried again. */
  keep(method: string, key: string, answer: readonly Message[]): void {
    this.#answers.set(`${method} ${key}`, answer);
    const [oldest] = this.#answers.keys();
    if (this.#answers.size > this.#most && oldest !== undefined) {
      this.#answers.delete(oldest);
    }
  }
}
