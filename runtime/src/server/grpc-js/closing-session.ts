import { constants, type Http2Session } from "node:http2";
import { setTimeout as delay } from "node:timers/promises";
import type { Server } from "@grpc/grpc-js";
import { widenConnection } from "../../grpc-js/connection-window.js";
import { sendShutdownNotice } from "./shutdown-notice.js";

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

/**
 * The sessions of a server. They are kept alive while they are closing, see {@link keepAliveWhileClosing}, and whoever closes
 * them (a drain, their age, idleness) closes them in the two steps of {@link ServedSession.close}.
 */
export class ServedSessions {
  readonly #sessions = new Set<ServedSession>();
  #isLeaving = false;
  #idle: (() => void)[] = [];

  /** @param server when it has its listeners */
  constructor(server: Server) {
    // It isn't part of grpc-js's interface: a version without it goes on as it does by itself.
    const { http2Servers } = server as unknown as ServerInside;
    for (const http2Server of http2Servers?.keys() ?? []) {
      http2Server.on("session", (session) => this.#opened(session));
    }
  }

  /**
   * Tells all peers to make no new calls, and resolves when they have heard it, or after {@link LEAVE_MS}. Until then what they
   * send is still served. Returns whether nobody took too long.
   */
  async goAway(): Promise<boolean> {
    this.#isLeaving = true;
    const leaves = await Promise.all([...this.#sessions].map((session) => session.leave()));
    return !leaves.includes("unheard");
  }

  /** Resolves when there are none: whatever was written on them is on its way. */
  idle(): Promise<void> {
    return this.#sessions.size === 0 ? Promise.resolve() : new Promise((resolve) => this.#idle.push(resolve));
  }

  #opened(session: Http2Session): void {
    keepAliveWhileClosing(session);
    widenConnection(session);
    const served = new ServedSession(session);
    this.#sessions.add(served);
    session.once("close", () => this.#closed(served));
    if (this.#isLeaving) {
      // Its TLS handshake took until now. It has no calls yet, and its peer is to make them elsewhere.
      session.close();
    }
  }

  #closed(session: ServedSession): void {
    this.#sessions.delete(session);
    if (this.#sessions.size === 0) {
      for (const resolve of this.#idle.splice(0)) {
        resolve();
      }
    }
  }
}

/** How long a peer has to answer that it has heard a shutdown notice, in milliseconds: a round trip, when it is busy. */
export const LEAVE_MS = 2_000;
// How long a socket may take until it has room for a few bytes more.
const ROOM_MS = 10;
/** Any stream may still come. */
const ANY_STREAM = 2 ** 31 - 1;

/** What came of it: the peer makes no more calls, or hasn't said so in time, or can't be asked ({@link sendShutdownNotice}). */
type Leave = "heard" | "unheard" | "untold";

/**
 * A server's session that takes leave before it closes.
 *
 * A session that closes at once refuses the calls that are on their way, and gRPC sends such a call again only once, maybe to
 * the next server that closes. So first its peer is asked to make no new ones, and what still comes is served.
 */
class ServedSession {
  readonly #session: Http2Session;
  readonly #closeNow: Http2Session["close"];
  #leaving: Promise<Leave> | undefined;
  #isClosing = false;

  constructor(session: Http2Session) {
    this.#session = session;
    this.#closeNow = session.close.bind(session);
    session.close = (callback) => this.close(callback);
    // A peer that leaves by itself needn't be asked.
    session.once("goaway", () => this.#closeNow());
    const goAway = session.goaway.bind(session);
    session.goaway = (code, lastStream, data) => {
      // grpc-js says so before it closes a session because of its age, and Node ignores whatever comes then.
      if (code !== constants.NGHTTP2_NO_ERROR || lastStream !== ANY_STREAM) {
        goAway(code, lastStream, data);
      }
    };
  }

  /** Asks the peer to make no new calls. */
  leave(): Promise<Leave> {
    this.#leaving ??= this.#askToLeave();
    return this.#leaving;
  }

  /** Closes the session when its peer has heard that, and its calls have ended. */
  close(callback?: () => void): void {
    if (callback !== undefined) {
      this.#session.once("close", callback);
    }
    if (!this.#isClosing) {
      this.#isClosing = true;
      void this.#close();
    }
  }

  async #close(): Promise<void> {
    await this.leave();
    if (!this.#isGone) {
      this.#closeNow();
    }
  }

  async #askToLeave(): Promise<Leave> {
    const until = performance.now() + LEAVE_MS;
    let notice = sendShutdownNotice(this.#session);
    while (notice === "busy" && performance.now() < until) {
      await delay(ROOM_MS);
      notice = sendShutdownNotice(this.#session);
    }
    if (this.#isGone) {
      return "heard";
    }
    if (notice !== "sent") {
      return notice === "busy" ? "unheard" : "untold";
    }
    return this.#answer(until - performance.now());
  }

  #answer(withinMs: number): Promise<Leave> {
    return new Promise((resolve) => {
      const limit = setTimeout(resolve, withinMs, "unheard");
      // Frames arrive in their order, so whoever answers this has read the notice. Whoever leaves instead has, too.
      this.#session.ping(() => {
        clearTimeout(limit);
        resolve("heard");
      });
    });
  }

  get #isGone(): boolean {
    return this.#session.destroyed;
  }
}
