import { constants, type Http2Session } from "node:http2";
import type { Server } from "@grpc/grpc-js";

type PingCallback = (error: Error | null, duration: number, payload: Buffer) => void;

/**
 * Keeps a session alive that is closing: it takes no new calls, and goes on until its last one ends.
 *
 * Node sends no PING on such a session, and grpc-js, on both sides, takes that for a dead peer: the next keepalive after a
 * GOAWAY ends the calls that the GOAWAY was to spare (grpc/grpc-node#3068). An empty SETTINGS frame is still sent, and has
 * to be acknowledged, so it asks the same question. Peers that are dead are found as before.
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

/** What grpc-js's server keeps: the HTTP/2 servers that connections are given to. */
interface ServerInside {
  readonly http2Servers?: ReadonlyMap<
    { on(event: "session", listener: (session: Http2Session) => void): void },
    unknown
  >;
}

/** The sessions of a server: they are kept alive while they are closing, see {@link keepAliveWhileClosing}. */
export class ServedSessions {
  readonly #sessions = new Set<Http2Session>();
  #idle: (() => void)[] = [];

  /** @param server when it has its listeners */
  constructor(server: Server) {
    // It isn't part of grpc-js's interface: a version without it goes on as it does by itself.
    const { http2Servers } = server as unknown as ServerInside;
    for (const http2Server of http2Servers?.keys() ?? []) {
      http2Server.on("session", (session) => {
        keepAliveWhileClosing(session);
        this.#sessions.add(session);
        session.once("close", () => this.#closed(session));
      });
    }
  }

  /**
   * Tells all peers to make no new calls, and resolves when they have heard it. Until then what they send is still served:
   * a server that closes at once refuses the calls that were under way, and gRPC sends such a call again only once, maybe
   * to the next server that closes. A peer without calls may close its side without an answer: the wait needs a limit.
   */
  async goAway(): Promise<void> {
    await Promise.all([...this.#sessions].map(goAway));
  }

  /** Resolves when there are none: whatever was written on them is on its way. */
  idle(): Promise<void> {
    return this.#sessions.size === 0 ? Promise.resolve() : new Promise((resolve) => this.#idle.push(resolve));
  }

  #closed(session: Http2Session): void {
    this.#sessions.delete(session);
    if (this.#sessions.size === 0) {
      for (const resolve of this.#idle.splice(0)) {
        resolve();
      }
    }
  }
}

/** Any stream may still come. The GOAWAY that says which one was the last follows when the session is closed. */
const ANY_STREAM = 2 ** 31 - 1;

function goAway(session: Http2Session): Promise<void> {
  return new Promise((resolve) => {
    try {
      session.goaway(constants.NGHTTP2_NO_ERROR, ANY_STREAM);
      // Frames arrive in their order, so whoever answers this has read that.
      session.ping(() => resolve());
      session.once("close", resolve);
    } catch {
      // It is gone already.
      resolve();
    }
  });
}
