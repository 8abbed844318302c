import type { CallFailure } from "../call/call-failure.js";
import type { RunningCall, RunningCalls } from "./served-method.js";

/** The calls that run on a server: what a drain waits for. */
export class CallSet implements RunningCalls {
  readonly #calls = new Set<RunningCall>();
  #idle: (() => void)[] = [];

  get size(): number {
    return this.#calls.size;
  }

  add(call: RunningCall): void {
    this.#calls.add(call);
  }

  remove(call: RunningCall): void {
    this.#calls.delete(call);
    if (this.#calls.size === 0) {
      for (const resolve of this.#idle.splice(0)) {
        resolve();
      }
    }
  }

  /** Resolves when no call runs. */
  idle(): Promise<void> {
    return this.#calls.size === 0 ? Promise.resolve() : new Promise((resolve) => this.#idle.push(resolve));
  }

  /** Ends all calls. Returns how many were still to be answered. */
  stopAll(failure: CallFailure): number {
    return [...this.#calls].filter((call) => call.stop(failure)).length;
  }
}
