import { setTimeout as sleep } from "node:timers/promises";
import type { Action, Load, Outcome, Work } from "./work.js";

/** How a client of one kind makes calls. All throw what has a `code`. */
export interface Calls {
  put(id: string, padding: Uint8Array, action: Action, timeoutMs: number): Promise<number>;
  get(id: string, padding: Uint8Array, action: Action, timeoutMs: number): Promise<number>;
  /** Yields the sizes of what comes. */
  stream(action: Action, timeoutMs: number): AsyncIterable<number>;
}

const EMPTY = new Uint8Array();
/** Rates count from then, and streams of a load begin. */
const WARM_MS = 1_000;
const LONG_MS = 600_000;

/** Does a client's work. */
export async function doWork(calls: Calls, work: Work): Promise<Outcome> {
  const tally = new Tally();
  if (work.kind === "rate") {
    return tally.outcome(await rate(calls, work, tally));
  }
  if (work.kind === "stream") {
    return tally.outcome(await streamRate(calls, work, tally));
  }
  if (work.kind === "once") {
    await Promise.all(Array.from({ length: work.calls }, (_, index) => tally.of("put", once(calls, work, index))));
  } else if (work.kind === "silent") {
    const stream = async (): Promise<void> => {
      for await (const _ of calls.stream({ sleepMs: work.ms, messages: 1 }, LONG_MS)) {
        // Its end is of interest.
      }
    };
    await Promise.all([
      tally.of("unary", calls.put("silent", EMPTY, { sleepMs: work.ms }, LONG_MS)),
      tally.of("stream", stream()),
    ]);
  } else {
    await load(calls, work, tally);
  }
  return tally.outcome();
}

async function once(calls: Calls, { way, bytes }: Extract<Work, { kind: "once" }>, index: number): Promise<void> {
  const up = way === "up" ? new Uint8Array(bytes) : EMPTY;
  await calls.put(`once-${index}`, up, way === "up" ? {} : { bytes }, LONG_MS);
}

async function rate(calls: Calls, work: Extract<Work, { kind: "rate" }>, tally: Tally): Promise<number> {
  const meter = new Meter(work.ms);
  const padding = work.way === "up" ? new Uint8Array(work.bytes) : EMPTY;
  const action = work.way === "up" ? {} : { bytes: work.bytes };
  const lane = async (): Promise<void> => {
    while (!meter.isOver) {
      await tally.of("put", calls.put("rate", padding, action, LONG_MS));
      meter.count(work.bytes);
    }
  };
  await Promise.all(Array.from({ length: work.lanes }, lane));
  return meter.mbPerSecond;
}

async function streamRate(calls: Calls, work: Extract<Work, { kind: "stream" }>, tally: Tally): Promise<number> {
  const meter = new Meter(work.ms);
  const read = async (): Promise<void> => {
    for await (const bytes of calls.stream({ bytes: work.bytes, messages: 1e9 }, LONG_MS)) {
      meter.count(bytes);
      if (meter.isOver) {
        break;
      }
    }
  };
  await tally.of("stream", read());
  return meter.mbPerSecond;
}

async function load(calls: Calls, work: Load, tally: Tally): Promise<void> {
  const open: Promise<unknown>[] = [];
  const endAt = performance.now() + work.ms;
  const stream = async (): Promise<void> => {
    const messages = Math.floor(work.ms / 500);
    for await (const _ of calls.stream({ bytes: 100, messages, everyMs: 500 }, work.ms + 30_000)) {
      // Its end is of interest.
    }
  };
  const openStreams = async (): Promise<void> => {
    await sleep(WARM_MS);
    open.push(...Array.from({ length: work.streams }, () => tally.of("stream", stream())));
  };
  const pace = async (name: "put" | "get", perSecond: number): Promise<void> => {
    // At random intervals: with even ones, a backend would get Gets alone, and another one Puts.
    const interval = (): number => (-Math.log(1 - Math.random()) * 1000) / perSecond;
    let nextAt = performance.now() + interval();
    for (let made = 0; performance.now() < endAt; ) {
      for (const now = performance.now(); nextAt < now; nextAt += interval(), made += 1) {
        const id = `${name}-${made}`;
        open.push(tally.timed(name, () => calls[name](id, EMPTY, work.action, work.timeoutMs)));
      }
      await sleep(5);
    }
  };
  // Once all connections are there, each backend gets as many streams as the others.
  await Promise.all([openStreams(), pace("put", work.putsPerSecond), pace("get", work.getsPerSecond)]);
  await Promise.all(open);
}

class Meter {
  readonly #fromAt = performance.now() + WARM_MS;
  readonly #untilAt: number;
  #bytes = 0;
  #lastAt = 0;

  constructor(ms: number) {
    this.#untilAt = this.#fromAt + ms;
  }

  get isOver(): boolean {
    return performance.now() >= this.#untilAt;
  }

  count(bytes: number): void {
    const now = performance.now();
    if (now >= this.#fromAt) {
      this.#bytes += this.#lastAt === 0 ? 0 : bytes;
      this.#lastAt = now;
    }
  }

  get mbPerSecond(): number {
    return this.#bytes / 1e6 / ((this.#lastAt - this.#fromAt) / 1000);
  }
}

class Tally {
  #ok = 0;
  readonly #lost: Record<string, number> = {};
  readonly #statuses: Record<string, number> = {};
  readonly #oks: (readonly [number, number])[] = [];

  async timed(name: string, call: () => Promise<unknown>): Promise<void> {
    const startedAt = performance.now();
    if (await this.of(name, call())) {
      this.#oks.push([Date.now(), Math.round(performance.now() - startedAt)]);
    }
  }

  /** @returns whether it was OK */
  async of(name: string, call: Promise<unknown>): Promise<boolean> {
    try {
      await call;
      this.#ok += 1;
      return true;
    } catch (error) {
      this.#lost[name] = (this.#lost[name] ?? 0) + 1;
      const { code, status, message } = error as { code?: unknown; status?: unknown; message?: string };
      // Without the figures, which make each text another one.
      const text = `${name}: ${String(status ?? code)} ${(message ?? "").replace(/\d+/g, "#").slice(0, 80)}`;
      this.#statuses[text] = (this.#statuses[text] ?? 0) + 1;
      return false;
    }
  }

  outcome(mbPerSecond?: number): Outcome {
    return {
      ...(mbPerSecond !== undefined && { mbPerSecond }),
      ok: this.#ok,
      lost: this.#lost,
      statuses: this.#statuses,
      oks: this.#oks,
    };
  }
}
