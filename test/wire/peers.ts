import { join } from "node:path";
import type { Stall } from "../machine-stalls.js";
import { SpeakingProcess } from "../rollout/process.js";
import type { ServerInit } from "./node-server.js";
import type { Order, Outcome, Work } from "./work.js";

/** Whose client, or whose server. */
export type Kind = "accord" | "go" | "grpc-js";

const PEER = join(import.meta.dirname, "peer-process.js");
/** grpc-go's peer, which `run.mjs` has built. Empty where there is no Go. */
const GO_PEER = process.env.WIRE_GO_PEER ?? "";

export const hasGo = GO_PEER !== "";

function start(kind: Kind, ...args: readonly string[]): SpeakingProcess {
  return new SpeakingProcess(kind === "go" ? [GO_PEER, ...args] : [process.execPath, PEER, kind, ...args], {
    // What grpc-js says of lost connections is the point here.
    GRPC_VERBOSITY: "NONE",
  });
}

/** That a server has begun with a call of a load. */
export interface Began {
  readonly id: string;
  readonly isRefused: boolean;
  /** `Date.now()` */
  readonly at: number;
}

/** A server in a process of its own. */
export class ServerPeer {
  readonly #process: SpeakingProcess;
  readonly port: number;
  /** When it listened: `Date.now()`. */
  readonly readyAt: number;

  private constructor(process: SpeakingProcess, port: number, readyAt: number) {
    this.#process = process;
    this.port = port;
    this.readyAt = readyAt;
  }

  static async start(kind: Kind, init: ServerInit): Promise<ServerPeer> {
    const process = start(kind, "server", JSON.stringify(init));
    const { port, at } = await process.event("ready");
    return new ServerPeer(process, Number(port), Number(at));
  }

  freeze(): void {
    this.#process.signal("SIGSTOP");
  }

  goOn(): void {
    this.#process.signal("SIGCONT");
  }

  /** The calls of a load that it has begun with. */
  get began(): readonly Began[] {
    return this.#process.events.filter(({ event }) => event === "began") as unknown as Began[];
  }

  /** @returns when it has begun with its first call, once it has: `Date.now()` */
  async firstCallAt(): Promise<number> {
    return Number((await this.#process.event("began")).at);
  }

  refuse(isRefusing: boolean): void {
    this.#order({ order: "refuse", isRefusing });
  }

  /** Ends as it does when it is asked to. */
  async stop(): Promise<void> {
    this.#order({ order: "stop" });
    await this.#process.exited;
  }

  /** Ends at once. */
  async kill(): Promise<void> {
    this.#process.signal("SIGKILL");
    await this.#process.exited;
  }

  #order(order: Order): void {
    this.#process.write(order);
  }
}

/** A client in a process of its own. */
export class ClientPeer {
  readonly #process: SpeakingProcess;

  private constructor(process: SpeakingProcess) {
    this.#process = process;
  }

  /** @param addresses each `127.0.0.1:50051` */
  static async start(kind: Kind, addresses: readonly string[]): Promise<ClientPeer> {
    const list = addresses.join(",");
    const process = start(kind, "client", kind === "go" ? list : `ipv4:${list}`);
    await process.event("ready");
    return new ClientPeer(process);
  }

  async do(work: Work): Promise<Outcome> {
    this.#process.write(work);
    return (await this.#process.event("outcome")) as unknown as Outcome;
  }

  /** When it got no processor, if it can tell. */
  get stalls(): readonly Stall[] {
    return this.#process.stalls("client");
  }

  kill(): void {
    this.#process.signal("SIGKILL");
  }
}
