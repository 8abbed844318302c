import { createServer } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { NamedStall } from "../machine-stalls.js";
import type { DnsServer } from "./dns-server.js";
import { SpeakingProcess } from "./process.js";
import type { BackendInit } from "./server-process.js";

/** How a pod ended. */
export interface Ending {
  readonly pod: string;
  /** What the server said of it: `drained` or `forced`; `undefined` if it was killed. */
  readonly outcome: string | undefined;
  readonly exit: number | NodeJS.Signals | null;
  /** From SIGTERM until the process was gone. */
  readonly tookMs: number;
}

/** A server process at an address of its own. */
export interface Pod {
  /** `127.0.0.11:50051` */
  readonly address: string;
  readonly host: string;
  readonly process: SpeakingProcess;
}

/** What Kubernetes does for a Deployment with a headless Service, as far as clients notice. */
export class Cluster {
  /** Those that serve. */
  readonly pods: Pod[] = [];
  /** When each pod's address got into DNS for the first time since it started. */
  readonly published: { readonly pod: string; readonly at: number }[] = [];
  readonly endings: Ending[] = [];
  /** All that were ever started. */
  readonly #started: Pod[] = [];
  readonly #folder: string;
  readonly #dns: DnsServer;
  readonly #port: number;
  readonly #defaults: BackendInit["server"];
  #lastHost = 10;
  #strangers: readonly string[] = [];

  private constructor(folder: string, dns: DnsServer, port: number, defaults: BackendInit["server"]) {
    this.#folder = folder;
    this.#dns = dns;
    this.#port = port;
    this.#defaults = defaults;
  }

  static async create(folder: string, dns: DnsServer, defaults: BackendInit["server"]): Promise<Cluster> {
    return new Cluster(folder, dns, await freePort(), defaults);
  }

  get port(): number {
    return this.#port;
  }

  /** Where the executions on all pods are written. */
  get executions(): string {
    return join(this.#folder, "executions.jsonl");
  }

  /** Starts pods, and waits until they are ready. Nobody knows them yet. */
  start(count: number, options: BackendInit["server"] = {}): Promise<Pod[]> {
    return Promise.all(Array.from({ length: count }, () => this.startAt(this.nextHost(), options)));
  }

  async startAt(host: string, options: BackendInit["server"] = {}): Promise<Pod> {
    const address = `${host}:${this.#port}`;
    const init: BackendInit = { address, executions: this.executions, server: { ...this.#defaults, ...options } };
    const script = fileURLToPath(new URL("./server-process.js", import.meta.url));
    const env = { BACKEND: JSON.stringify(init), LOG_LEVEL: "error", NODE_ENV: "production" };
    const pod = { address, host, process: new SpeakingProcess([process.execPath, script], env) };
    await pod.process.event("started");
    this.#started.push(pod);
    return pod;
  }

  /** An address that nobody had before. */
  nextHost(): string {
    this.#lastHost += 1;
    return `127.0.0.${this.#lastHost}`;
  }

  /** Ready pods get into DNS. */
  publish(...pods: readonly Pod[]): void {
    this.replace([...this.pods, ...pods]);
  }

  /** Pods that are to end leave DNS. */
  withdraw(...pods: readonly Pod[]): void {
    this.replace(this.pods.filter((pod) => !pods.includes(pod)));
  }

  /** When pods got no processor. */
  stalls(): NamedStall[] {
    return this.#started.flatMap(({ address, process }) => process.stalls(address));
  }

  /** All records at once. */
  replace(pods: readonly Pod[]): void {
    const at = Date.now();
    this.published.push(...pods.filter((pod) => !this.pods.includes(pod)).map((pod) => ({ pod: pod.address, at })));
    this.pods.splice(0, this.pods.length, ...pods);
    this.#tell();
  }

  /** Addresses that are in DNS although no pod of ours serves there. */
  mislead(...hosts: readonly string[]): void {
    this.#strangers = hosts;
    this.#tell();
  }

  /** SIGTERM, and the end of it. */
  async stop(pod: Pod): Promise<void> {
    const at = Date.now();
    pod.process.signal("SIGTERM");
    const exit = await pod.process.exited;
    const closed = pod.process.events.find(({ event }) => event === "closed");
    const outcome = typeof closed?.outcome === "string" ? closed.outcome : undefined;
    this.endings.push({ pod: pod.address, outcome, exit, tookMs: Date.now() - at });
  }

  #tell(): void {
    this.#dns.replace([...this.pods.map(({ host }) => host), ...this.#strangers]);
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.11", () => {
      const bound = server.address();
      server.close(() => resolve(typeof bound === "object" && bound !== null ? bound.port : 0));
    });
  });
}
