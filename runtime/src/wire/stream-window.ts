import { WIDEST_WINDOW_BYTES } from "./receive-window.js";

// As much as 64 messages of 64 KiB. HTTP/2's own window is 64 KiB for all streams of a connection together: with it, a peer that
// sends large messages waits for this process after each of them, and this process for the peer.
export const CONNECTION_WINDOW_BYTES = 4 * 1024 * 1024;

// Once streams are wide, calls in parallel would wait for the connection's window, a round trip for each half of it.
const STREAMS_AT_ONCE = 8;
const WIDEST_CONNECTION_BYTES = 2 * WIDEST_WINDOW_BYTES;

/** What is used of a session to set its windows. */
export interface WindowedSession {
  readonly destroyed: boolean;
  readonly pendingSettingsAck: boolean;
  setLocalWindowSize(bytes: number): void;
  settings(settings: { readonly initialWindowSize: number }, acknowledged?: () => void): void;
}

/**
 * Lets each stream of a connection send so much ahead of its reader, open ones as well, and the connection enough for several.
 *
 * The connection's own window costs no memory: Node gives it back as soon as bytes arrive, whether or not anybody reads them.
 *
 * @param acknowledged called when it holds
 * @returns `false` if it can't be said now
 */
export function setStreamWindow(session: WindowedSession, bytes: number, acknowledged?: () => void): boolean {
  if (session.destroyed) {
    return true;
  }
  // Node ends a session whose peer owes it too many acknowledgements.
  if (session.pendingSettingsAck) {
    return false;
  }
  const together = Math.min(STREAMS_AT_ONCE * bytes, WIDEST_CONNECTION_BYTES);
  session.setLocalWindowSize(Math.max(CONNECTION_WINDOW_BYTES, together));
  session.settings({ initialWindowSize: bytes }, acknowledged);
  return true;
}
