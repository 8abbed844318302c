import type { Http2Session } from "node:http2";
import type { Duplex } from "node:stream";

// For a GOAWAY to leave. A peer that doesn't read gets none.
const LAST_WORDS_MS = 100;

/**
 * Has a session with calls end after its socket, and not before.
 *
 * Node leaves a stream that is destroyed while bytes of its are being written to the garbage collector. If its peer had sent a
 * part of a header block (HEADERS without END_HEADERS, or with a field that ends the stream), the stream holds fields of the
 * session's memory, and when the session is collected before it, Node ends the process: `Assertion failed:
 * (current_nghttp2_memory_) == (0)`. Seen on 20.20, 22.23, 24.21 and 26.12; at its exit, 26 always takes the session first.
 * When the socket has closed, nothing is being written (docs/decisions/0035-end-sockets-first.md).
 *
 * @param isBusy whether the session has calls
 */
export function endSocketFirst(session: Http2Session, socket: Duplex, isBusy: () => boolean): void {
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
