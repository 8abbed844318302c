import type { Http2Session } from "node:http2";

// As much as 64 messages of 64 KiB. HTTP/2's own window is 64 KiB for all streams of a connection together: with it, a peer
// that sends large messages waits for this process after each of them, and this process for the peer.
export const CONNECTION_WINDOW_BYTES = 4 * 1024 * 1024;

/**
 * Lets the peer send more at a time on a connection, over all of its streams.
 *
 * It costs no memory: Node gives this window back as soon as bytes arrive, whether or not anybody reads them. What a stream
 * may send ahead of its reader is limited by the stream's own window, which stays what it is.
 */
export function widenConnection(session: Http2Session): void {
  if (!session.destroyed && (session.state.localWindowSize ?? 0) < CONNECTION_WINDOW_BYTES) {
    session.setLocalWindowSize(CONNECTION_WINDOW_BYTES);
  }
}
