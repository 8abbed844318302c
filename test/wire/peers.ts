import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { SpeakingProcess } from "../rollout/process.js";
import type { Outcome, Work } from "./work.js";

/** Whose client, or whose server. */
export type Kind = "accord" | "go" | "grpc-js";

const PEER = join(import.meta.dirname, "peer-process.js");
const GO_FOLDER = join(import.meta.dirname, "../go");
const GO_PEER = join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "accord-proof/wire-go/wire");

/** Builds grpc-go's peer. Returns false where there is no Go. */
export function buildGo(): boolean {
  try {
    mkdirSync(dirname(GO_PEER), { recursive: true });
    // Go's own cache knows whether there is anything to do.
    execFileSync("go", ["build", "-o", GO_PEER, "."], { cwd: GO_FOLDER, stdio: ["ignore", "ignore", "inherit"] });
  } catch {
    return false;
  }
  return existsSync(GO_PEER);
}

function start(kind: Kind, ...args: readonly string[]): SpeakingProcess {
  return new SpeakingProcess(kind === "go" ? [GO_PEER, ...args] : [process.execPath, PEER, kind, ...args], {
    // What grpc-js says of lost connections is the point here.
    GRPC_VERBOSITY: "NONE",
  });
}

/** A server in a process of its own. */
export class ServerPeer {
  readonly #process: SpeakingProcess;
  readonly port: number;

  private constructor(process: SpeakingProcess, port: number) {
    this.#process = process;
    this.port = port;
  }

  static async start(kind: Kind): Promise<ServerPeer> {
    const process = start(kind, "server");
    return new ServerPeer(process, Number((await process.event("ready")).port));
  }

  freeze(): void {
    this.#process.signal("SIGSTOP");
  }

  goOn(): void {
    this.#process.signal("SIGCONT");
  }

  /** The ids of the Puts that it has executed, each as often as it has. */
  async puts(): Promise<readonly string[]> {
    this.#process.write({});
    return (await this.#process.event("served")).puts as string[];
  }

  stop(): void {
    this.#process.signal("SIGKILL");
  }
}

/** A client in a process of its own. */
export class ClientPeer {
  readonly #process: SpeakingProcess;

  private constructor(process: SpeakingProcess) {
    this.#process = process;
  }

  static async start(kind: Kind, ports: readonly number[]): Promise<ClientPeer> {
    const addresses = ports.map((port) => `127.0.0.1:${port}`).join(",");
    const process = start(kind, "client", kind === "go" ? addresses : `ipv4:${addresses}`);
    await process.event("ready");
    return new ClientPeer(process);
  }

  async do(work: Work): Promise<Outcome> {
    this.#process.write(work);
    return (await this.#process.event("outcome")) as unknown as Outcome;
  }

  stop(): void {
    this.#process.signal("SIGKILL");
  }
}
