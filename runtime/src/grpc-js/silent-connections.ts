import type { ClientHttp2Session } from "node:http2";
import { connectivityState, experimental } from "@grpc/grpc-js";
import { type Subchannel, transportOf } from "./private-names.js";
import { rememberConnection } from "./stream-limit.js";

/** How often connections are looked at. */
const LOOK_MS = 500;
/** How many looks find a connection silent, although calls wait there, before it is asked. The answer has until the next. */
const SILENT_LOOKS = 2;
/** After so many more without a call that could be lost, the connection is given up. */
const HOPELESS_LOOKS = 20;

/**
 * Keeps new calls off connections that have fallen silent, as that to a frozen backend does, while others can take them.
 *
 * A keepalive has to be patient: it ends the connection with its calls, so it mustn't meet a backend that is merely busy. Until
 * then one call in so many is sent into the silence. Here nothing is ended: a connection on which calls wait, nothing has come
 * for a second, and a PING stays unanswered, gets no new calls until something comes. Streams may be silent for as long as
 * they like: their connections answer the PING, and aren't asked again until there is a new call.
 */
export class SilentConnections {
  /** Outlives the lists of addresses, with each of which a load balancer begins anew. */
  readonly #known = new WeakMap<Subchannel, Connection>();
  readonly #watched = new Set<Connection>();
  #timer: NodeJS.Timeout | undefined;
  #isDistrusting = false;

  /** Whether a connection is just being found silent: load balancers take it for lost, and want the name to be looked up. */
  get isDistrusting(): boolean {
    return this.#isDistrusting;
  }

  /** The same subchannel, which is picked for no call while its connection is silent. */
  watch(subchannel: experimental.SubchannelInterface): experimental.SubchannelInterface {
    const real = subchannel.getRealSubchannel();
    const connection = this.#known.get(real) ?? new Connection(real);
    this.#known.set(real, connection);
    rememberConnection(real);
    this.#watched.add(connection);
    this.#timer ??= setInterval(() => this.#look(), LOOK_MS).unref();
    const watched = new WatchedSubchannel(subchannel, connection);
    if (!connection.isTrusted) {
      queueMicrotask(() => this.#distrust(connection));
    }
    return watched;
  }

  /** Lets calls go to silent connections: there are no others. */
  trustAll(): void {
    for (const connection of this.#watched) {
      connection.trust(true);
    }
  }

  stop(): void {
    this.#watched.clear();
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #look(): void {
    for (const connection of this.#watched) {
      if (!connection.isUsed) {
        this.#watched.delete(connection);
      }
    }
    if (this.#watched.size === 0) {
      this.stop();
    }
    const ready = [...this.#watched].filter(({ isReady }) => isReady);
    for (const connection of ready) {
      if (connection.isFoundSilent() && ready.some((other) => other !== connection && other.isTrusted)) {
        this.#distrust(connection);
      }
    }
  }

  #distrust(connection: Connection): void {
    this.#isDistrusting = true;
    connection.trust(false);
    this.#isDistrusting = false;
  }
}

/** What is known of a subchannel's connection. */
class Connection {
  readonly watchers = new Set<WatchedSubchannel>();
  readonly #subchannel: Subchannel;
  #isTrusted = true;
  #session: ClientHttp2Session | undefined;
  #bytesRead = 0;
  #silentLooks = 0;
  #isAsked = false;
  /** The stream that was next when it was last asked. */
  #nextStream: number | undefined;

  constructor(subchannel: Subchannel) {
    this.#subchannel = subchannel;
  }

  get isTrusted(): boolean {
    return this.#isTrusted;
  }

  get isReady(): boolean {
    return this.#subchannel.getConnectivityState() === connectivityState.READY;
  }

  get isUsed(): boolean {
    return this.watchers.size > 0;
  }

  trust(isTrusted: boolean): void {
    this.#silentLooks = 0;
    this.#isAsked = false;
    this.#isTrusted = isTrusted;
    for (const watcher of this.watchers) {
      watcher.follow(isTrusted);
    }
  }

  /** Looks whether something has come, and asks if it is time to. Returns whether it should be trusted no more. */
  isFoundSilent(): boolean {
    const { session, activeCalls } = transportOf(this.#subchannel) ?? {};
    if (session === undefined || session === null || activeCalls === undefined || session.destroyed || session.closed) {
      return false;
    }
    const { bytesRead } = session.socket;
    const isSame = session === this.#session && bytesRead === this.#bytesRead;
    this.#session = session;
    this.#bytesRead = bytesRead;
    if (!isSame || (this.#isTrusted && activeCalls.size === 0)) {
      this.trust(true);
      return false;
    }
    this.#silentLooks += 1;
    if (!this.#isTrusted) {
      if (activeCalls.size === 0 && this.#silentLooks >= HOPELESS_LOOKS) {
        session.destroy();
      }
      return false;
    }
    if (!this.#isAsked && this.#silentLooks >= SILENT_LOOKS) {
      this.#ask(session);
      return false;
    }
    return this.#isAsked;
  }

  #ask(session: ClientHttp2Session): void {
    const { nextStreamID } = session.state;
    if (nextStreamID !== this.#nextStream) {
      this.#nextStream = nextStreamID;
      // What comes of it is seen by what has been read.
      this.#isAsked = session.ping(() => {});
    }
  }
}

/** A subchannel that isn't well while its connection is silent: load balancers pick others, and leave it its calls. */
class WatchedSubchannel extends experimental.BaseSubchannelWrapper {
  readonly #connection: Connection;

  constructor(child: experimental.SubchannelInterface, connection: Connection) {
    super(child);
    this.#connection = connection;
    connection.watchers.add(this);
  }

  follow(isTrusted: boolean): void {
    this.setHealthy(isTrusted);
  }

  protected override destroy(): void {
    super.destroy();
    this.#connection.watchers.delete(this);
  }
}
