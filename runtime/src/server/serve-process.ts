import { lineText } from "../contract/line-text.js";
import type { Logger } from "../log/logger.js";
import { checkOptions } from "../options/check-options.js";
import { functionThat, type OptionRules, time } from "../options/option-rule.js";
import { messageOf } from "../wire/thrown-message.js";
import type { ServerClosed } from "./shutdown.js";

/** What belongs to the end of a process that serves. */
export interface ServeOptions {
  /** What is done when the server has ended, before the process does: closing a database, exporting the last spans. */
  readonly cleanUp?: (closed: ServerClosed) => Promise<unknown> | unknown;
  /** How long that may take, in milliseconds. Default: 5 s. */
  readonly cleanUpMs?: number;
}

const SERVE_RULES: OptionRules<ServeOptions> = {
  cleanUp: functionThat("that closes what else is open"),
  cleanUpMs: time({ least: 1 }),
};

/** What is served: a server that can be started, and that ends. */
export interface ServedProcess {
  start(): Promise<unknown>;
  readonly closed: Promise<ServerClosed>;
  /** As the user gave it: it is asked to write what it still has. */
  readonly logger: Logger;
}

const FLUSH_MS = 2_000;

/**
 * Makes a server's life the process's: starts it, waits until it has ended, cleans up, has the logger write what it has, and leaves
 * with an exit code, whatever else is still going on. What goes wrong is a line on stderr.
 *
 * @throws {TypeError} if an option isn't what its type says
 */
export async function serveProcess(served: ServedProcess, options: ServeOptions): Promise<never> {
  checkOptions("Can't serve", options, SERVE_RULES);
  const failure = await live(served, options);
  if (failure !== undefined) {
    await written(`${lineText(failure)}\n`);
  }
  await within(FLUSH_MS, () => flushed(served.logger));
  // A code that the program has set for a failure of its own stays.
  return process.exit(failure === undefined ? undefined : process.exitCode || 1);
}

/** From the start to the end. Returns what went wrong. */
async function live(served: ServedProcess, { cleanUp, cleanUpMs = 5_000 }: ServeOptions): Promise<string | undefined> {
  try {
    await served.start();
  } catch (error) {
    return messageOf(error);
  }
  const closed = await served.closed;
  const cutOff = closed.abandoned > 0 ? `The server has ended with ${closed.abandoned} calls unanswered` : undefined;
  if (cleanUp === undefined) {
    return cutOff;
  }
  try {
    const isDone = await within(cleanUpMs, async () => cleanUp(closed));
    return cutOff ?? (isDone ? undefined : `cleanUp wasn't done within ${cleanUpMs} ms (cleanUpMs)`);
  } catch (error) {
    return `cleanUp failed: ${messageOf(error)}`;
  }
}

/** Waits for something, and not for ever. @returns whether it came @throws what it throws in time */
async function within(limitMs: number, ask: () => Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), limitMs);
  });
  try {
    return await Promise.race([ask().then(() => true), limit]);
  } finally {
    clearTimeout(timer);
  }
}

/** Asks a logger to write what it holds: pino's `flush(callback)`, or one that returns a promise. */
async function flushed(logger: Logger): Promise<void> {
  const { flush } = logger as { readonly flush?: unknown };
  if (typeof flush !== "function") {
    return;
  }
  try {
    await new Promise<void>((resolve, reject) => {
      const answer: unknown = flush.call(logger, () => resolve());
      if (flush.length === 0 || answer instanceof Promise) {
        Promise.resolve(answer).then(() => resolve(), reject);
      }
    });
  } catch {
    // There is nowhere else to say it.
  }
}

function written(text: string): Promise<void> {
  return new Promise((resolve) => process.stderr.write(text, () => resolve()));
}
