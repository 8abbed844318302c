import type { Http2Session } from "node:http2";
import type { Duplex } from "node:stream";

// For a GOAWAY to leave. A peer that doesn't read gets none.
const LAST_WORDS_MS = 100;

// What a stream is destroyed with, Node does a turn of the event loop later. One more, as it costs nothing.
const TURNS = 2;

/**
 * Spares the process what a peer leaves behind that sends a part of a header block, and no more: HEADERS without END_HEADERS, or
 * with a field that ends the stream. The stream holds fields of its session's memory then, and if the session is collected
 * before it, Node ends the process: `Assertion failed: (current_nghttp2_memory_) == (0)`. Seen on 20.20, 22.23, 24.21 and 26.12
 * (docs/decisions/0035-end-sockets-first.md). So
 *
 * - a session with calls ends after its socket. A stream that is destroyed while bytes of its are being written is left to the
 *   garbage collector; when the socket has closed, nothing is being written. At its exit, 26 always takes the session first;
 * - the session's native half is kept until its streams are gone, which is a turn of the event loop after they are destroyed.
 *
 * @param isBusy whether the session has calls
 * @param nativeHalf what is kept. It is asked when the session has closed
 */
export function endAfterStreams(
  session: Http2Session,
  socket: Duplex,
  isBusy: () => boolean,
  nativeHalf: () => unknown,
): void {
  endSocketFirst(session, socket, isBusy);
  session.once("close", () => keep(nativeHalf(), TURNS));
}

function keep(kept: unknown, turns: number): void {
  if (turns > 0) {
    setImmediate(keep, kept, turns - 1);
  }
}

function endSocketFirst(session: Http2Session, socket: Duplex, isBusy: () => boolean): void {
  const destroy = session.destroy.bind(session);
  let isClosed = false;
  let end: (() => void) | undefined;
  // Before Node's own, which ends the session without the error.
  socket.prependOnceListener("close", () => {
    isClosed = true;
    end?.();
  });
  session.destroy = (error, code) => {
    if (isClosed || !isBusy()) {
      destroy(error, code);
    } else if (end === undefined) {
      end = () => destroy(error, code);
      setTimeout(() => socket.destroy(), LAST_WORDS_MS).unref();
    }
  };
}
