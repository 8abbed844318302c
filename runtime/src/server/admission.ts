import type { CallFailure } from "../call/call-failure.js";
import type { LoggedMethod } from "../call/call-log.js";
import { Status } from "../wire/status.js";

// How much one call changes what is expected of the next.
const WEIGHT = 0.1;
// A method whose calls are all refused for its latency would never be found faster again. So each refusal forgets some of it.
const FORGOTTEN = 0.98;

const PUSHBACK_MS = { least: 100, spread: 200 } as const;

/** Which calls a server begins, when it has a limit: so many at a time, and none that can't be answered in time. */
export class Admission {
  readonly #maxCalls: number;
  readonly #latencies = new Map<LoggedMethod, number>();
  #calls = 0;

  /** @param maxCalls `Infinity`: all are begun */
  constructor(maxCalls: number) {
    this.#maxCalls = maxCalls;
  }

  /** Asks for a call to be begun, by its headers. What is begun is to be {@link end}ed; what is returned refuses it. */
  begin(method: LoggedMethod, timeoutMs: number): CallFailure | undefined {
    if (this.#maxCalls === Number.POSITIVE_INFINITY) {
      return undefined;
    }
    if (this.#calls >= this.#maxCalls) {
      return shed("The server has as many calls as it takes at a time");
    }
    const latency = this.#latencies.get(method) ?? 0;
    if (timeoutMs < latency) {
      this.#latencies.set(method, latency * FORGOTTEN);
      return shed("The call's deadline leaves less time than such calls take at present");
    }
    this.#calls += 1;
    return undefined;
  }

  /** A call that was begun has ended. @param servedMs how long it took, if it was answered well */
  end(method: LoggedMethod, servedMs: number | undefined): void {
    if (this.#maxCalls === Number.POSITIVE_INFINITY) {
      return;
    }
    this.#calls -= 1;
    if (servedMs !== undefined && !method.streamsRequests && !method.streamsResponses) {
      const before = this.#latencies.get(method) ?? servedMs;
      this.#latencies.set(method, before + WEIGHT * (servedMs - before));
    }
  }
}

/** gRFC A6: the caller may send it again, a little later, and not all callers at once. */
function shed(message: string): CallFailure {
  const pushback = Math.round(PUSHBACK_MS.least + Math.random() * PUSHBACK_MS.spread).toString();
  return { status: Status.UNAVAILABLE, message, level: "warn", pushback };
}
