import { setTimeout as sleep } from "node:timers/promises";
import { type Action, type Order, PLACES } from "./work.js";

/** What both servers in Node do with a request. */
export interface Request {
  readonly id: string;
  readonly action: string;
}

export interface Response {
  readonly padding: Uint8Array;
}

/** A server of either kind, which listens. */
export interface Serving {
  readonly port: number;
  /** As the implementation stops when it is asked to: it finishes the calls that it has. */
  stop(): Promise<void>;
}

/** How a server is to be. */
export interface ServerInit {
  /** `127.0.0.1:0` */
  readonly address: string;
  /** How many calls it takes at a time, where it can be told. */
  readonly maxConcurrentCalls?: number;
}

export const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** That a server was told to refuse calls. */
export class Refusal extends Error {}

function actionOf({ action }: Request): Action {
  return action === "" ? {} : (JSON.parse(action) as Action);
}

/** Serves calls, and says which of a load's it has begun with. */
export class Served {
  readonly #began: (id: string, isRefused: boolean) => void;
  readonly #places = new Places(PLACES);
  #isRefusing = false;

  constructor(began: (id: string, isRefused: boolean) => void) {
    this.#began = began;
  }

  obey(order: Extract<Order, { order: "refuse" }>): void {
    this.#isRefusing = order.isRefusing;
  }

  /** @throws {Refusal} while it is told to refuse */
  async unary(request: Request): Promise<Response> {
    this.#began(request.id, this.#isRefusing);
    if (this.#isRefusing) {
      throw new Refusal("This server was told to refuse");
    }
    const { sleepMs = 0, placeMs = 0, bytes = 0 } = actionOf(request);
    if (sleepMs > 0) {
      await sleep(sleepMs);
    }
    if (placeMs > 0) {
      await this.#places.take(() => sleep(placeMs));
    }
    return { padding: new Uint8Array(bytes) };
  }
}

/** What so many can be in at a time, as connections of a database. */
class Places {
  readonly #waiting: (() => void)[] = [];
  #free: number;

  constructor(count: number) {
    this.#free = count;
  }

  async take(work: () => Promise<void>): Promise<void> {
    if (this.#free === 0) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    } else {
      this.#free -= 1;
    }
    await work();
    const next = this.#waiting.shift();
    if (next === undefined) {
      this.#free += 1;
    } else {
      next();
    }
  }
}

export async function* served(request: Request): AsyncGenerator<Response> {
  const { sleepMs = 0, bytes = 0, messages = 0, everyMs = 0 } = actionOf(request);
  if (sleepMs > 0) {
    await sleep(sleepMs);
  }
  const padding = new Uint8Array(bytes);
  for (let index = 0; index < messages; index += 1) {
    yield { padding };
    if (everyMs > 0) {
      await sleep(everyMs);
    }
  }
}
