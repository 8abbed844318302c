import type { Http2Session } from "node:http2";
import { CONNECTION_WINDOW_BYTES } from "../wire/stream-window.js";

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
