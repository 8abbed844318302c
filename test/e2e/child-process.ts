import { type ChildProcess as NodeChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

/** How a process ended. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A line that a process wrote of itself, rather than as an answer. */
export interface ChildEvent {
  readonly event: string;
  readonly [key: string]: unknown;
}

type Line = ChildEvent | { readonly answer: number; readonly result?: unknown; readonly error?: string };

const running = new Set<NodeChildProcess>();
// A frozen process doesn't notice that nobody needs it any more.
process.once("exit", () => {
  for (const child of running) {
    child.kill("SIGKILL");
  }
});

/**
 * A process that a test tells what to do: JSON lines on its stdin, `{"id": 1, "do": "…", "with": {…}}`, are answered by
 * lines on its stdout, `{"answer": 1, "result": …}`. Lines with an `event` are what it says unasked.
 */
export class ChildProcess {
  /** Resolves when the process is gone, and all that it wrote is read. */
  readonly exited: Promise<Exit>;
  readonly events: ChildEvent[] = [];
  /** What it wrote to stderr. */
  stderr = "";
  readonly #child: NodeChildProcess;
  readonly #asked = new Map<number, { resolve(result: unknown): void; reject(error: Error): void }>();
  #waiting: (() => void)[] = [];
  #lastId = 0;
  #exit: Exit | undefined;

  constructor(command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) {
    this.#child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ["pipe", "pipe", "pipe"] });
    running.add(this.#child);
    this.#child.stdin?.on("error", () => {});
    this.#child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.stderr += text;
    });
    if (this.#child.stdout !== null) {
      createInterface({ input: this.#child.stdout }).on("line", (line) => this.#read(line));
    }
    this.exited = new Promise((resolve, reject) => {
      this.#child.once("error", reject);
      this.#child.once("close", (code, signal) => {
        running.delete(this.#child);
        this.#exit = { code, signal };
        for (const { reject } of this.#asked.values()) {
          reject(this.#gone("an answer"));
        }
        this.#wake();
        resolve(this.#exit);
      });
    });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Has the process do something. @throws {Error} with what went wrong in it, or if it ends without an answer */
  ask<Result = unknown>(what: string, args: object = {}): Promise<Result> {
    this.#lastId += 1;
    const id = this.#lastId;
    return new Promise<Result>((resolve, reject) => {
      if (this.#exit !== undefined) {
        reject(this.#gone("an answer"));
        return;
      }
      this.#asked.set(id, { resolve: (result) => resolve(result as Result), reject });
      this.#child.stdin?.write(`${JSON.stringify({ id, do: what, with: args })}\n`);
    });
  }

  /** The first event that is looked for, be it past or yet to come. @throws {Error} if the process ends without it */
  async event(is: string | ((event: ChildEvent) => boolean)): Promise<ChildEvent> {
    const matches = typeof is === "string" ? ({ event }: ChildEvent) => event === is : is;
    for (;;) {
      const found = this.events.find(matches);
      if (found !== undefined) {
        return found;
      }
      if (this.#exit !== undefined) {
        throw this.#gone(`the event ${is}`);
      }
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Ends the process, whatever it is doing, and waits until it is gone. */
  async kill(): Promise<void> {
    if (this.#exit === undefined) {
      this.#child.kill("SIGKILL");
      await this.exited;
    }
  }

  /** Waits for the process to start, whatever it says. @throws {Error} if there is no such program */
  async spawned(): Promise<this> {
    if (this.#child.pid === undefined) {
      await once(this.#child, "spawn");
    }
    return this;
  }

  #read(text: string): void {
    const line = JSON.parse(text) as Line;
    if ("event" in line) {
      this.events.push(line);
      this.#wake();
      return;
    }
    const asked = this.#asked.get(line.answer);
    this.#asked.delete(line.answer);
    if (line.error === undefined) {
      asked?.resolve(line.result);
    } else {
      asked?.reject(new Error(line.error));
    }
  }

  #gone(before: string): Error {
    const { code, signal } = this.#exit ?? {};
    return new Error(`The process ended (${signal ?? code}) before ${before}. It said:\n${this.stderr}`);
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) {
      resolve();
    }
  }
}
