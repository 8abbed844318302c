import { refused } from "../call/call-failure.js";
import { SERVER_DEFAULTS } from "../contract/defaults.js";
import { Status } from "../wire/status.js";
import type { CallSet } from "./running-calls.js";

/** How a server ended. */
export interface ServerClosed {
  /** Why: `SIGTERM`, or what {@link GrpcServer.drain} was given. */
  readonly reason: string;
  /** `drained`: each call was answered by its handler. `forced`: some were still running and were answered UNAVAILABLE. */
  readonly outcome: "drained" | "forced";
  /** How many calls were answered UNAVAILABLE because the time was over. */
  readonly abandoned: number;
  /** From the beginning of the drain, in milliseconds. */
  readonly durationMs: number;
}

/** What is shut down, in the order in which it is needed. */
export interface ShutdownParts {
  /** Nothing serves any more: whoever watches is told, and then its stream ends. */
  readonly health: { shutDown(): void; endWatches(): void };
  /** New connections are refused from here on. */
  readonly listener: { close(): void; destroyConnections(): void };
  /** Connections: told to leave, each takes no new calls, and closes when its last one has ended. */
  readonly sessions: { leave(): void; idle(): Promise<void>; destroy(): void };
  /** Calls of the runtime's own services: health watches, reflection. */
  readonly ownCalls: CallSet;
  readonly calls: CallSet;
}

// Health watches end within a round trip, so this is only reached if a watching peer doesn't read.
const WATCHES_MS = 100;
// What is written when the last call ends still has to reach its peer, which closes the connection then.
const FLUSH_MS = { most: 2_000, least: 500 } as const;

const SHUTTING_DOWN = refused(Status.UNAVAILABLE, "The server is shutting down", "error");

/**
 * Ends a server: it says that it doesn't serve, refuses new connections, waits for its calls, answers those UNAVAILABLE
 * that run on after `drainMs`, and closes what is left. It takes a second longer than `drainMs` at the most.
 *
 * @param force when it is aborted, the time is over at once
 */
export async function shutDown(
  parts: ShutdownParts,
  reason: string,
  drainMs: number,
  force: AbortSignal,
): Promise<ServerClosed> {
  const startedAt = performance.now();
  parts.health.shutDown();
  // What watches are told leaves at the end of this turn: nobody is refused before.
  await new Promise((resolve) => setImmediate(resolve));
  // Connections leave before the watches on them end, and nobody comes back: who watches again at once goes elsewhere. Here the watch would
  // be refused, and most libraries send a refused call only once more, maybe to the next server that leaves.
  parts.listener.close();
  parts.sessions.leave();
  parts.health.endWatches();
  await firstOf(parts.ownCalls.idle(), WATCHES_MS, force);
  parts.ownCalls.stopAll(SHUTTING_DOWN);

  const drainBy = performance.now() + drainMs;
  const msLeft = (): number => Math.max(0, drainBy - performance.now());
  await firstOf(parts.calls.idle(), msLeft(), force);
  const abandoned = parts.calls.stopAll(SHUTTING_DOWN);
  parts.ownCalls.stopAll(SHUTTING_DOWN);

  const unfinished = parts.calls.size > 0 || force.aborted;
  const flushMs = Math.max(FLUSH_MS.least, Math.min(FLUSH_MS.most, msLeft()));
  const lastMs = unfinished ? SERVER_DEFAULTS.lastAnswersMs : flushMs;
  await firstOf(parts.sessions.idle(), lastMs, unfinished ? undefined : force);
  parts.sessions.destroy();
  parts.listener.destroyConnections();
  return {
    reason,
    outcome: abandoned > 0 ? "forced" : "drained",
    abandoned,
    durationMs: Math.round(performance.now() - startedAt),
  };
}

/** Waits for whatever comes first, and leaves no timer and no listener behind. Returns what `what` came to, if it did. */
async function firstOf<T>(
  what: Promise<T>,
  timeoutMs: number,
  signal: AbortSignal | undefined,
): Promise<T | undefined> {
  if (signal?.aborted) {
    return undefined;
  }
  let timer: NodeJS.Timeout | undefined;
  let stop = (): void => {};
  const limit = new Promise<undefined>((resolve) => {
    stop = () => resolve(undefined);
    timer = setTimeout(stop, timeoutMs);
    signal?.addEventListener("abort", stop);
  });
  const came = await Promise.race([what, limit]);
  clearTimeout(timer);
  signal?.removeEventListener("abort", stop);
  return came;
}
