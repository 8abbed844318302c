import { setTimeout as sleep } from "node:timers/promises";
import type { Action } from "./work.js";

/** What both servers in Node do with a request. */
export interface Request {
  readonly id: string;
  readonly action: string;
}

export interface Response {
  readonly padding: Uint8Array;
}

export const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

function actionOf({ action }: Request): Action {
  return action === "" ? {} : (JSON.parse(action) as Action);
}

/** Serves calls, and counts them by their ids. */
export class Served {
  readonly #ids = new Map<string, number>();

  async unary(request: Request): Promise<Response> {
    this.#ids.set(request.id, (this.#ids.get(request.id) ?? 0) + 1);
    const { sleepMs = 0, bytes = 0 } = actionOf(request);
    if (sleepMs > 0) {
      await sleep(sleepMs);
    }
    return { padding: new Uint8Array(bytes) };
  }

  /** The Puts of a load that were executed here. */
  get puts(): string[] {
    return [...this.#ids].flatMap(([id, times]) => (id.startsWith("put-") ? new Array<string>(times).fill(id) : []));
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
