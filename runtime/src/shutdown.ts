import { refused } from "./call-failure.js";
import type { CallSet } from "./running-calls.js";
import { Status } from "./status.js";

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
  /** Nothing serves any more: whoever watches is told. */
  readonly health: { shutDown(): void };
  /** Calls of the runtime's own services: health watches, reflection. */
  readonly ownCalls: CallSet;
  /** New connections are refused from here on. */
  readonly listener: { close(): void; destroyConnections(): void };
  /** Connections: after `goAway`, their peers make no new calls. */
  readonly sessions: { goAway(): Promise<void>; idle(): Promise<void> };
  /** grpc-js's server. */
  readonly grpc: { tryShutdown(done: () => void): void; forceShutdown(): void };
  readonly calls: CallSet;
}

// Health watches end within a round trip, so this is only reached if a watching peer doesn't read.
const WATCHES_MS = 100;
// A round trip. Peers without calls don't answer, so this is how long it takes with them.
const GO_AWAY_MS = 100;
// What is written when the last call ends still has to reach its peer.
const FLUSH_MS = 500;
// The same for the answers to calls that ran too long.
const LAST_ANSWERS_MS = 200;

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
  await firstOf(parts.ownCalls.idle(), WATCHES_MS, force);
  parts.ownCalls.stopAll(SHUTTING_DOWN);

  parts.listener.close();
  await firstOf(parts.sessions.goAway(), GO_AWAY_MS, force);
  // It waits without limit for peers that never close, so nobody waits for it alone.
  const closed = new Promise<void>((resolve) => parts.grpc.tryShutdown(resolve))
    // Of connections that were closing already, because of their age, say, grpc-js doesn't wait for the end.
    .then(() => parts.sessions.idle());
  await firstOf(parts.calls.idle(), drainMs, force);
  const abandoned = parts.calls.stopAll(SHUTTING_DOWN);
  parts.ownCalls.stopAll(SHUTTING_DOWN);

  const unfinished = parts.calls.size > 0 || force.aborted;
  await firstOf(closed, unfinished ? LAST_ANSWERS_MS : FLUSH_MS, unfinished ? undefined : force);
  parts.grpc.forceShutdown();
  parts.listener.destroyConnections();
  return {
    reason,
    outcome: abandoned > 0 ? "forced" : "drained",
    abandoned,
    durationMs: Math.round(performance.now() - startedAt),
  };
}

/** Waits for whatever comes first, and leaves no timer and no listener behind. */
async function firstOf(what: Promise<void>, timeoutMs: number, signal: AbortSignal | undefined): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  let stop = (): void => {};
  const limit = new Promise<void>((resolve) => {
    stop = resolve;
    timer = setTimeout(resolve, timeoutMs);
    signal?.addEventListener("abort", stop);
  });
  if (!signal?.aborted) {
    await Promise.race([what, limit]);
  }
  clearTimeout(timer);
  signal?.removeEventListener("abort", stop);
}
