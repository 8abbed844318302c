import { writeSync } from "node:fs";
import { constants, type Http2Session } from "node:http2";

/** Any stream may still come. Which one was the last is said by the GOAWAY that closes the session. */
const ANY_STREAM = 2 ** 31 - 1;

/**
 * Tells a session's peer to make no new calls, while those that are on their way are still served: the first of the two
 * GOAWAY frames with which RFC 9113, 6.8 has a server leave.
 *
 * `session.goaway()` says the same, but Node then ignores whatever comes, so calls that were on their way are refused in the
 * end; and it sends a PING before it. Node has no way to nghttp2's `nghttp2_submit_shutdown_notice`, so the frame goes past
 * both, to the socket: between two of the session's writes, which hold whole frames each.
 *
 * @returns `"sent"`, or `"busy"`: the socket has no room now, or the session has only begun, or `"impossible"`: the session is closing, or is encrypted, or
 * its socket is not the system's (a Windows pipe, say)
 */
export function sendShutdownNotice(session: Http2Session): "sent" | "busy" | "impossible" {
  const handle = handleOf(session);
  if (handle === undefined) {
    return "impossible";
  }
  // A connection begins with SETTINGS. And what waits there may be the rest of a frame.
  if (session.socket.bytesWritten === 0 || handle.writeQueueSize !== 0) {
    return "busy";
  }
  let written: number;
  try {
    written = writeSync(handle.fd, NOTICE);
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EAGAIN" ? "busy" : "impossible";
  }
  if (written < NOTICE.byteLength) {
    // The peer would take what comes next for the rest.
    session.destroy();
  }
  return "sent";
}

/** What Node's sockets keep: the system's. */
interface SocketHandle {
  readonly fd: number;
  /** Bytes that wait until the system takes more. */
  readonly writeQueueSize: number;
}

function handleOf(session: Http2Session): SocketHandle | undefined {
  if (session.closed || session.destroyed || session.encrypted !== false) {
    return undefined;
  }
  // It isn't part of Node's interface: without it, peers are told by the GOAWAY that closes the session.
  const { _handle } = session.socket as unknown as { readonly _handle?: Partial<SocketHandle> | null };
  const { fd, writeQueueSize } = _handle ?? {};
  return fd !== undefined && fd >= 0 && writeQueueSize !== undefined ? { fd, writeQueueSize } : undefined;
}

const NOTICE = goAwayFrame(ANY_STREAM);

/** RFC 9113, 6.8: a head of nine bytes, the last stream, and the error code. */
function goAwayFrame(lastStream: number): Buffer {
  const GOAWAY = 7;
  const frame = Buffer.alloc(17);
  frame.writeUIntBE(8, 0, 3);
  frame.writeUInt8(GOAWAY, 3);
  frame.writeUInt32BE(lastStream, 9);
  frame.writeUInt32BE(constants.NGHTTP2_NO_ERROR, 13);
  return frame;
}
