import type { Http2Session } from "node:http2";
import { tellMissing } from "./known-grpc-js.js";
import { handleOf, PRIVATE_NAMES } from "./private-names.js";

/** By then, the streams of a connection that has ended have been collected as garbage, unless the process does nothing. */
const KEPT_MS = 60_000;

const kept = new Map<object, NodeJS.Timeout>();

/**
 * Keeps the native half of a session for a minute after its end, so that it is collected later than its streams.
 *
 * A peer that sends headers which break HTTP/2's rules leaves a stream of Node 20's with headers that nobody gets. If the
 * garbage collector then finds the session before the stream, Node ends the process: `Assertion failed:
 * (current_nghttp2_memory_) == (0)`. It is a matter of luck with plain grpc-js, too.
 */
export function outliveStreams(session: Http2Session): void {
  const handle = handleOf(session);
  if (handle === undefined) {
    tellMissing([PRIVATE_NAMES.sessionHandle]);
  } else {
    session.once("close", () => {
      kept.set(handle, setTimeout(letGo, KEPT_MS, handle).unref());
    });
  }
}

/** Lets go of what is kept: for tests that count what is left behind, when all streams have been collected. */
export function letGoOfClosedSessions(): void {
  for (const timer of kept.values()) {
    clearTimeout(timer);
  }
  kept.clear();
}

function letGo(handle: object): void {
  kept.delete(handle);
}
