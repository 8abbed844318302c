import { isMainThread } from "node:worker_threads";
import type { LineBuffer } from "./line-buffer.js";

// What ends a process unless somebody listens.
const SIGNALS = ["SIGHUP", "SIGINT", "SIGQUIT", "SIGTERM"] as const;

/** Sees to it that what a buffer holds is written before the process ends: at its exit, after a fatal error, at a signal. */
export function flushAtEnd(buffer: LineBuffer): void {
  process.on("exit", () => {
    buffer.flushAll();
    // What others log at the exit.
    buffer.immediate = true;
  });
  // Threads get no signals.
  if (isMainThread && process.platform !== "win32") {
    for (const signal of SIGNALS) {
      flushAtSignal(buffer, signal);
    }
  }
}

/**
 * A signal that somebody listens to ends no process any more, so this listener must not be seen by others who count them
 * (`signal-exit` does): it comes first, and goes while they are asked. If there is nobody else, the signal is sent once more.
 */
function flushAtSignal(buffer: LineBuffer, signal: NodeJS.Signals): void {
  const listen = (): void => {
    buffer.immediate = false;
    process.prependListener(signal, flush);
  };
  const flush = (): void => {
    process.off(signal, flush);
    buffer.flushAll();
    buffer.immediate = true;
    if (process.listenerCount(signal) === 0) {
      process.kill(process.pid, signal);
    }
    // Still there: somebody drains a server first, or lives on.
    setImmediate(listen).unref();
  };
  process.prependListener(signal, flush);
}
