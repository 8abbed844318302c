import { connectivityState, experimental } from "@grpc/grpc-js";
import type { ConnectionLife } from "./connection-life.js";
import { lifeOf, moveCalls } from "./followed-calls.js";
import { everyLook, LOOK_MS } from "./looks.js";
import type { Subchannel } from "./private-names.js";
import { rememberConnection } from "./stream-limit.js";

/** How long a connection with a new call may be silent before it is asked, where others could take its calls. */
const SILENT_MS = 2 * LOOK_MS;

/**
 * Keeps new calls off connections that have fallen silent, as that to a frozen backend does, while others can take them.
 *
 * A keepalive has to be patient: it ends the connection with its calls, so it mustn't meet a backend that is merely busy. Until
 * then one call in so many is sent into the silence. Here nothing is ended: a connection on which calls wait, nothing has come
 * for a second, and a question stays unanswered, gets no new calls until something comes. Streams may be silent for as long as
 * they like: their connections answer, and aren't asked again so soon until there is a new call. The calls that wait there are
 * tried elsewhere if their contract permits it, see {@link moveCalls}.
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
    this.#timer ??= everyLook(() => this.#look());
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
      const { life } = connection;
      if (life !== undefined) {
        const others = ready.filter((other) => other !== connection && other.isTrusted);
        this.#judge(connection, life, others);
      }
    }
  }

  #judge(connection: Connection, life: ConnectionLife, others: readonly Connection[]): void {
    if (!life.isUnanswered) {
      if (!connection.isTrusted) {
        connection.trust(true);
      }
      if (others.length > 0 && life.hasNewCall && life.silentMs >= SILENT_MS) {
        life.askSoon();
      }
    } else if (others.length > 0) {
      if (connection.isTrusted) {
        this.#distrust(connection);
      }
      // Where all are silent, it is a pause of all, or of the network.
      if (others.some((other) => (other.life?.silentMs ?? 0) < SILENT_MS)) {
        moveCalls(life);
      }
    }
  }

  #distrust(connection: Connection): void {
    this.#isDistrusting = true;
    connection.trust(false);
    this.#isDistrusting = false;
  }
}

/** What a load balancer makes of a subchannel's connection. */
class Connection {
  readonly watchers = new Set<WatchedSubchannel>();
  readonly #subchannel: Subchannel;
  #isTrusted = true;

  constructor(subchannel: Subchannel) {
    this.#subchannel = subchannel;
  }

  get life(): ConnectionLife | undefined {
    return lifeOf(this.#subchannel);
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
    this.#isTrusted = isTrusted;
    for (const watcher of this.watchers) {
      watcher.follow(isTrusted);
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
