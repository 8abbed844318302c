import type { CallFailure } from "../call/call-failure.js";
import type { LoggedMethod } from "../call/call-log.js";
import { Status } from "../wire/status.js";
import type { HandlerState } from "./handler-state.js";
import { type Alarm, deadlines, type Expiring } from "./transport/deadline-wheel.js";

// How much one call changes what is expected of the next.
const WEIGHT = 0.1;
// A method whose calls are all refused for its latency would never be found faster again. So each refusal forgets some of it.
const FORGOTTEN = 0.98;

// A handler that runs on after its call has ended takes its share of what the server can do, and counts for so long. One that never
// ends must not count for ever.
const UNHEEDED_MS = 30_000;

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

  /** Asks for a call to be begun, by its headers. @returns its place, or what refuses it */
  begin(method: LoggedMethod, timeoutMs: number): CallPlace | CallFailure {
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
    return new CallPlace(this, method);
  }

  /**
   * A call that was begun is over for its caller. It still counts until {@link end}.
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

  /** A call that was begun takes nothing of the server's any more. For its {@link CallPlace}, once. */
  end(): void {
    this.#calls -= 1;
  }
}

/** What a call takes of a server with a limit. It is given back once: when the call has ended, and its handler too. */
export class CallPlace implements Expiring {
  readonly #admission: Admission;
  readonly #method: LoggedMethod;
  /** An alarm while the handler runs on: it has so much time to heed that its call has ended. */
  #state: "taken" | "free" | Alarm = "taken";

  constructor(admission: Admission, method: LoggedMethod) {
    this.#admission = admission;
    this.#method = method;
  }

  /** The call has ended. To be called once. */
  callEnded(handler: HandlerState, status: Status, durationMs: number): void {
    if (handler !== "waiting" && (status === Status.OK || status === Status.DEADLINE_EXCEEDED)) {
      this.#admission.served(this.#method, durationMs, status === Status.OK);
    }
    if (handler === "running") {
      this.#state = deadlines.set(this, UNHEEDED_MS);
    } else {
      this.#free();
    }
  }

  /** The call's handler has come to its end, before the call or after it. */
  handlerDone(): void {
    if (typeof this.#state === "object") {
      deadlines.clear(this.#state);
      this.#free();
    }
  }

  /** The handler has had time enough to heed that its call has ended. */
  expired(): void {
    this.#free();
  }

  #free(): void {
    if (this.#state !== "free") {
      this.#state = "free";
      this.#admission.end();
    }
  }
}

/** gRFC A6: the caller may send it again, a little later, and not all callers at once. */
function shed(message: string): CallFailure {
  const pushback = Math.round(PUSHBACK_MS.least + Math.random() * PUSHBACK_MS.spread).toString();
  return { status: Status.UNAVAILABLE, message, level: "warn", pushback };
}
