import { createWriteStream } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { watchStalls } from "../machine-stalls.js";
import type { CallRecord, MethodName } from "./records.js";

/** What a load is told. */
export interface LoadInit {
  /** The client's, which its calls' ids begin with. */
  readonly name: string;
  /** The file that calls are written to. */
  readonly calls: string;
  /** Calls a second, streams that stay open not counted. */
  readonly rate: number;
  /** It ends after this time, whoever forgets it. */
  readonly atMostMs: number;
  /** How many streams of each kind stay open. */
  readonly lasting: Readonly<Partial<Record<MethodName, number>>>;
}

/** What makes the calls of a load. */
export interface LoadedClient {
  readonly version: string;
  /** Makes a call, which ends with the signal if it has no end of its own. */
  call(method: MethodName, id: string, ending: AbortSignal): MadeCall;
  /** The name of the status that a call failed with. */
  statusOf(error: unknown): string;
  close(): void;
}

/** A call, and the backends that its attempts went to so far. */
export interface MadeCall {
  readonly result: Promise<unknown>;
  peers(): string[];
}

/** How many calls may be open at a time. More are left out, and counted: the test then says that it measured nothing. */
export const MOST_OPEN = 2_000;

/** How often each method is called, out of 100. */
export const SHARES: readonly (readonly [MethodName, number])[] = [
  ["Transfer", 55],
  ["GetAccount", 20],
  ["VerifyBooks", 15],
  ["ListEntries", 4],
  ["ImportEntries", 3],
  ["Watch", 3],
];

/** Makes calls at a steady rate until SIGTERM, whatever becomes of them, and writes down each. Ends the process. */
export async function runLoad(init: LoadInit, client: LoadedClient): Promise<never> {
  const load = new Load(init, client);
  process.once("SIGTERM", () => load.end());
  const limit = setTimeout(() => load.end(), init.atMostMs);
  // The test that started it is gone.
  process.stdin.on("end", () => process.exit(1)).resume();
  watchStalls((stall) => say({ event: "stalled", ...stall }));
  say({ event: "started", version: client.version });
  const leftOut = await load.run();
  clearTimeout(limit);
  await new Promise<void>((resolve) => say({ event: "ended", leftOut }, resolve));
  return process.exit();
}

function say(event: object, then = (): void => {}): void {
  process.stdout.write(`${JSON.stringify(event)}\n`, then);
}

class Load {
  readonly #init: LoadInit;
  readonly #client: LoadedClient;
  readonly #ending = new AbortController();
  #open = 0;
  #made = 0;

  constructor(init: LoadInit, client: LoadedClient) {
    this.#init = init;
    this.#client = client;
  }

  end(): void {
    this.#ending.abort();
  }

  /** Returns how many calls were left out, when all others have ended and are on the disk. */
  async run(): Promise<number> {
    const file = createWriteStream(this.#init.calls);
    const lasting = Object.entries(this.#init.lasting).flatMap(([method, count]) =>
      Array.from({ length: count }, () => this.#keepOpen(method as MethodName, file)),
    );
    const leftOut = await this.#callAway(file);
    await Promise.all(lasting);
    while (this.#open > 0) {
      await delay(20);
    }
    this.#client.close();
    await new Promise<void>((resolve) => file.end(resolve));
    return leftOut;
  }

  async #callAway(file: NodeJS.WritableStream): Promise<number> {
    const startedAt = performance.now();
    let leftOut = 0;
    for (let made = 0; !this.#ending.signal.aborted; await delay(5)) {
      const due = Math.floor(((performance.now() - startedAt) / 1000) * this.#init.rate);
      for (; made < due; made += 1) {
        if (this.#open >= MOST_OPEN) {
          leftOut += 1;
        } else {
          void this.#record(nextMethod(), file);
        }
      }
    }
    return leftOut;
  }

  /** Opens the stream again whenever it ends: at once after a good end, else with a pause. */
  async #keepOpen(method: MethodName, file: NodeJS.WritableStream): Promise<void> {
    while (!this.#ending.signal.aborted) {
      if (!(await this.#record(method, file))) {
        await delay(200, undefined, { signal: this.#ending.signal }).catch(() => {});
      }
    }
  }

  async #record(method: MethodName, file: NodeJS.WritableStream): Promise<boolean> {
    const ending = this.#ending.signal;
    this.#made += 1;
    const id = `${this.#init.name}:${this.#made}`;
    const startedAt = Date.now();
    this.#open += 1;
    const call = this.#client.call(method, id, ending);
    let status = "OK";
    let message: string | undefined;
    try {
      await call.result;
    } catch (error) {
      status = this.#client.statusOf(error);
      message = error instanceof Error ? error.message : String(error);
    }
    this.#open -= 1;
    // What this process ends itself, at its own end, tells nothing.
    if (!(ending.aborted && status === "CANCELLED")) {
      const entry: CallRecord = {
        id,
        method,
        startedAt,
        endedAt: Date.now(),
        status,
        ...(message === undefined ? {} : { message }),
        peers: call.peers(),
      };
      file.write(`${JSON.stringify(entry)}\n`);
    }
    return status === "OK";
  }
}

function nextMethod(): MethodName {
  let at = Math.random() * 100;
  for (const [method, share] of SHARES) {
    at -= share;
    if (at < 0) {
      return method;
    }
  }
  return "Transfer";
}
