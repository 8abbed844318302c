import type { Http2Session } from "node:http2";

type PingCallback = (error: Error | null, duration: number, payload: Buffer) => void;

/**
 * Keeps a session alive that is closing: it takes no new calls, and goes on until its last one ends.
 *
 * Node sends no PING on such a session, and grpc-js takes that for a dead peer: the next keepalive after a GOAWAY ends the calls
 * that the GOAWAY was to spare (grpc/grpc-node#3068). An empty SETTINGS frame is still sent, and has to be acknowledged, so it
 * asks the same question. Peers that are dead are found as before.
 */
export function keepAliveWhileClosing(session: Http2Session): void {
  const ping = session.ping.bind(session);
  // grpc-js pings without a payload.
  const pingOrSettings = (callback: PingCallback): boolean => {
    if (!session.closed || session.destroyed) {
      return ping(callback);
    }
    session.settings({}, (error) => callback(error, 0, Buffer.alloc(8)));
    return true;
  };
  session.ping = pingOrSettings as Http2Session["ping"];
}
