import type { Http2Session } from "node:http2";

/**
 * Keeps a session until the packet has been read in which its peer said goodbye with an error code.
 *
 * Node destroys the session at once, and reads on: HEADERS and DATA behind such a GOAWAY in one packet end the process
 * (`Assertion failed: onread->IsFunction()`). Seen on 22.23, and by others on 26.8 (nodejs/node#64850); not on 20.20, 24.21 and
 * 26.12. Which releases have it changes from month to month, and a turn of the event loop costs nothing: all are spared.
 */
export function survivePoisonedGoaway(session: Http2Session): void {
  const destroy = session.destroy.bind(session);
  session.destroy = (error, code) => {
    setImmediate(() => destroy(error, code));
  };
}
