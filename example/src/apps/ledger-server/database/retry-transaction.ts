import { setTimeout as sleep } from "node:timers/promises";
import { SerializationFailure } from "./database-errors.js";

/** How often a transaction is run in all before its caller hears of the conflict. */
const ATTEMPTS = 4;

/**
 * Runs a transaction again when it lost a race, after a short pause of random length, so that the losers of one race
 * don't meet again in the next.
 *
 * A few milliseconds here save the caller a round trip. A conflict that lasts longer is the caller's to know: it becomes
 * SERIALIZATION_CONFLICT, and the contract says when to come back.
 */
export async function retryTransaction<T>(run: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await run();
    } catch (error) {
      if (!(error instanceof SerializationFailure) || attempt === ATTEMPTS) {
        throw error;
      }
      await sleep(Math.random() * 5 * 2 ** attempt);
    }
  }
}
