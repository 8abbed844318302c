import type { Http2Session } from "node:http2";

/**
 * Keeps a session until the packet has been read in which its peer said goodbye with an error code.
 *
 * Node 22 destroys the session at once, and reads on: HEADERS and DATA behind such a GOAWAY in one packet end the process
 * (`Assertion failed: onread->IsFunction()`). Seen on 22.23; neither on 20.20 nor on 24.21 and 26.12.
 */
export function survivePoisonedGoaway(session: Http2Session): void {
  if (!IS_AFFECTED) {
    return;
  }
  const destroy = session.destroy.bind(session);
  session.destroy = (error, code) => {
    setImmediate(() => destroy(error, code));
  };
}

const IS_AFFECTED = /^v22\./.test(process.version);
