import { type Stall, watchStalls } from "../machine-stalls.js";
import { kernelWire } from "./kernel-wire.js";
import { Link, type Wire } from "./link.js";
import { type Began, ClientPeer, type Kind, ServerPeer } from "./peers.js";

/** Who calls whom. */
export interface Pair {
  readonly client: Kind;
  readonly server: Kind;
}

/** How a client reaches its servers. */
export type Reach =
  /** As they are: what is killed is refused by the kernel. */
  | "direct"
  /** Over what can be cut: the kernel's wire, or links where there is none. */
  | "cuttable"
  /** Over links of this kind. */
  | Wire;

export interface SceneInit {
  readonly backends: number;
  readonly reach: Reach;
  /** How many calls each server takes at a time, where it can be told. */
  readonly maxConcurrentCalls?: number;
}

/** A scene that is played again where the machine was too busy. */
export interface CalmInit extends SceneInit {
  readonly mostPlays: number;
}

/** How often a scene is played, at the most, until the machine is calm: CI has no time for more. */
export function mostPlays(isQuick: boolean): number {
  return isQuick ? 1 : 2;
}

// Half a second in which a process gets no processor is as long as the rig's clients take for most of what they decide.
const TOO_LONG_MS = 500;

/** A server that may be killed, stopped and started again, and the wire to it. */
export class Backend {
  readonly #kind: Kind;
  readonly #host: string;
  readonly #maxConcurrentCalls: number | undefined;
  readonly #link: Link | undefined;
  readonly #servers: ServerPeer[];

  private constructor(
    kind: Kind,
    host: string,
    maxConcurrentCalls: number | undefined,
    server: ServerPeer,
    link?: Link,
  ) {
    this.#kind = kind;
    this.#host = host;
    this.#maxConcurrentCalls = maxConcurrentCalls;
    this.#servers = [server];
    this.#link = link;
  }

  static async start(kind: Kind, { reach, maxConcurrentCalls }: SceneInit): Promise<Backend> {
    const isCutByKernel = reach === "cuttable" && kernelWire.isThere;
    const host = isCutByKernel ? kernelWire.address() : "127.0.0.1";
    const server = await ServerPeer.start(kind, init(`${host}:0`, maxConcurrentCalls));
    const wire = reach === "direct" || isCutByKernel ? undefined : reach === "cuttable" ? {} : reach;
    const link = wire === undefined ? undefined : await Link.to(server.port, wire);
    return new Backend(kind, host, maxConcurrentCalls, server, link);
  }

  /** As clients are told. */
  get address(): string {
    return `${this.#host}:${this.#link?.port ?? this.server.port}`;
  }

  /** The one that runs, or ran last. */
  get server(): ServerPeer {
    return this.#servers[this.#servers.length - 1] as ServerPeer;
  }

  /** The calls that all its servers have begun with, one after the other. */
  get began(): Began[] {
    return this.#servers.flatMap(({ began }) => began);
  }

  /** Starts another server where the last one was. */
  async startAgain(): Promise<ServerPeer> {
    const address = `${this.#host}:${this.server.port}`;
    const server = await ServerPeer.start(this.#kind, init(address, this.#maxConcurrentCalls));
    this.#servers.push(server);
    return server;
  }

  cut(): void {
    this.#link === undefined ? kernelWire.cut(this.#host) : this.#link.cut();
  }

  mend(): void {
    this.#link === undefined ? kernelWire.mend(this.#host) : this.#link.mend();
  }

  close(): void {
    this.#link?.close();
    void this.server.kill();
  }
}

function init(address: string, maxConcurrentCalls: number | undefined) {
  return { address, ...(maxConcurrentCalls !== undefined && { maxConcurrentCalls }) };
}

/** Servers, and a client of all of them. */
export class Scene {
  readonly backends: readonly Backend[];
  readonly client: ClientPeer;

  private constructor(backends: readonly Backend[], client: ClientPeer) {
    this.backends = backends;
    this.client = client;
  }

  static async open({ client, server }: Pair, init: SceneInit): Promise<Scene> {
    const backends = await Promise.all(Array.from({ length: init.backends }, () => Backend.start(server, init)));
    return new Scene(
      backends,
      await ClientPeer.start(
        client,
        backends.map(({ address }) => address),
      ),
    );
  }

  /** Opens a scene, and closes it whatever becomes of what is played. */
  static async play<T>(pair: Pair, init: SceneInit, play: (scene: Scene) => Promise<T>): Promise<T> {
    const scene = await Scene.open(pair, init);
    try {
      return await play(scene);
    } finally {
      scene.close();
    }
  }

  /**
   * As {@link play}, but again where the machine stood still for so long meanwhile that what was lost says nothing. What counts is
   * the time when it stood still for the least.
   */
  static async playCalmly<T>(pair: Pair, init: CalmInit, play: (scene: Scene) => Promise<T>): Promise<T> {
    let calmest: { readonly result: T; readonly stalledMs: number } | undefined;
    for (let plays = 0; plays < init.mostPlays && (calmest?.stalledMs ?? TOO_LONG_MS) >= TOO_LONG_MS; plays += 1) {
      const stalls: Stall[] = [];
      const stopWatching = watchStalls((stall) => stalls.push(stall));
      try {
        const result = await Scene.play(pair, init, async (scene) => {
          const played = await play(scene);
          stalls.push(...scene.client.stalls);
          return played;
        });
        const stalledMs = Math.max(0, ...stalls.map(({ from, to }) => to - from));
        if (calmest === undefined || stalledMs < calmest.stalledMs) {
          calmest = { result, stalledMs };
        }
      } finally {
        stopWatching();
      }
    }
    if (calmest === undefined) {
      throw new RangeError(`${init.mostPlays} isn't how often a scene can be played`);
    }
    return calmest.result;
  }

  /** How many Puts were executed more than once. */
  get twice(): number {
    const puts = this.began.map(({ id }) => id).filter((id) => id.startsWith("put-"));
    return puts.length - new Set(puts).size;
  }

  get began(): Began[] {
    return this.backends.flatMap(({ began }) => began);
  }

  close(): void {
    this.client.kill();
    for (const backend of this.backends) {
      backend.close();
    }
  }
}
