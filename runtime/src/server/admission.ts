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
    if (this.#calls >= this.#maxCalls) {
      return shed("The server has as many calls as it takes at a time");
    }
    // Without a limit there are none.
    const latency = this.#latencies.get(method) ?? 0;
    if (timeoutMs < latency) {
      this.#latencies.set(method, latency * FORGOTTEN);
      return shed("The call's deadline leaves less time than such calls take at present");
    }
    this.#calls += 1;
    return undefined;
  }

  /**
   * A call that was begun is over for its caller. It still counts until it is {@link end}ed.
   *
   * @param servedMs how long it took, or how long it had taken when its deadline passed
   */
  served(method: LoggedMethod, servedMs: number, inTime: boolean): void {
    if (this.#maxCalls === Number.POSITIVE_INFINITY || method.streamsRequests || method.streamsResponses) {
      return;
    }
    const before = this.#latencies.get(method) ?? servedMs;
    // A call that ran out of time would have taken longer, so it says nothing unless it is the longest already. Without it, a method
    // whose calls are all too late would be taken to be as fast as its last good ones were.
    if (inTime || servedMs >= before) {
      this.#latencies.set(method, before + WEIGHT * (servedMs - before));
    }
  }

  /** A call that was begun takes nothing of the server's any more: it has ended, and so has its handler. */
  end(): void {
    this.#calls -= 1;
  }
}

/** gRFC A6: the caller may send it again, a little later, and not all callers at once. */
function shed(message: string): CallFailure {
  const pushback = Math.round(PUSHBACK_MS.least + Math.random() * PUSHBACK_MS.spread).toString();
  return { status: Status.UNAVAILABLE, message, level: "warn", pushback };
}
