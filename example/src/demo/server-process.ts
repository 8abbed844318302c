import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** A line that a server logged: pino's JSON. */
export interface LogRecord {
  readonly level: number;
  readonly time: number;
  readonly name: string;
  readonly msg: string;
  readonly [key: string]: unknown;
}

/** How a process ended. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** The longest that a server may take to start or to stop, in milliseconds. */
const PATIENCE_MS = 30_000;

/** A server as a process of its own, with everything that it logs. */
export class ServerProcess {
  /** Every server that hasn't ended yet. */
  static readonly #running = new Set<ServerProcess>();

  readonly name: string;
  /** What it logged so far. */
  readonly log: LogRecord[] = [];
  /** Resolves when the process is gone. */
  readonly exited: Promise<Exit>;
  readonly #child: ChildProcess;
  #stderr = "";

  private constructor(name: string, env: NodeJS.ProcessEnv) {
    this.name = name;
    const main = fileURLToPath(new URL(`../apps/${name}/main.js`, import.meta.url));
    this.#child = spawn(process.execPath, [main], {
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    ServerProcess.#running.add(this);
    this.exited = new Promise((resolve) => {
      this.#child.once("close", (code, signal) => {
        ServerProcess.#running.delete(this);
        resolve({ code, signal });
      });
    });
    this.#child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.#stderr += text;
    });
    if (this.#child.stdout !== null) {
      createInterface({ input: this.#child.stdout }).on("line", (line) => this.log.push(parse(name, line)));
    }
  }

  /**
   * Starts `src/apps/<name>/main.ts` and waits until it listens.
   *
   * @throws {Error} with what the server said, if it ended instead.
   */
  static async start(name: string, env: NodeJS.ProcessEnv): Promise<ServerProcess> {
    const server = new ServerProcess(name, env);
    await server.#until(() => server.port !== undefined, "start");
    return server;
  }

  /** Kills all servers at once: for when the demo itself has to end. */
  static killAll(): void {
    for (const server of ServerProcess.#running) {
      server.#child.kill("SIGKILL");
    }
  }

  /** The port that it listens on, once it has said so. */
  get port(): number | undefined {
    const port = this.log.find((record) => typeof record.port === "number")?.port;
    return typeof port === "number" ? port : undefined;
  }

  /** Where clients find it. */
  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  /** Sends a signal. */
  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Asks the server to stop, and waits until it has. */
  async stop(): Promise<Exit> {
    this.signal("SIGTERM");
    let exit: Exit | undefined;
    void this.exited.then((value) => {
      exit = value;
    });
    await this.#until(() => exit !== undefined, "stop");
    return this.exited;
  }

  async #until(done: () => boolean, what: string): Promise<void> {
    const deadline = Date.now() + PATIENCE_MS;
    while (!done()) {
      if (this.#child.exitCode !== null || this.#child.signalCode !== null) {
        await this.exited;
        if (done()) {
          return;
        }
        throw new Error(
          `${this.name} ended instead of going on to ${what}:\n${this.#stderr.trim() || "(it said nothing)"}`,
        );
      }
      if (Date.now() > deadline) {
        throw new Error(`${this.name} didn't ${what} within ${PATIENCE_MS / 1000} s.`);
      }
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
}

function parse(name: string, line: string): LogRecord {
  try {
    return JSON.parse(line) as LogRecord;
  } catch {
    return { level: 30, time: Date.now(), name, msg: line };
  }
}
