import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { NamedStall } from "../machine-stalls.js";

const running = new Set<ChildProcess>();
// A frozen process doesn't notice that nobody needs it any more.
process.once("exit", () => {
  for (const child of running) {
    child.kill("SIGKILL");
  }
});

const all: SpeakingProcess[] = [];

/** What all processes wrote to stderr. */
export function unexpectedOutput(): string {
  return all.map(({ stderr }) => stderr).join("");
}

/** A process that says in JSON lines on its stdout what happens to it. */
export class SpeakingProcess {
  /** Resolves with the exit code, or the signal that ended it. */
  readonly exited: Promise<number | NodeJS.Signals | null>;
  readonly events: { readonly event: string; readonly [key: string]: unknown }[] = [];
  readonly #child: ChildProcess;
  #stderr = "";
  #hasExited = false;
  #wake: (() => void)[] = [];

  constructor(command: readonly string[], env: NodeJS.ProcessEnv) {
    const [file = "", ...args] = command;
    this.#child = spawn(file, args, { env: { ...process.env, ...env }, stdio: ["pipe", "pipe", "pipe"] });
    all.push(this);
    running.add(this.#child);
    this.#child.stdin?.on("error", () => {});
    this.#child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.#stderr += text;
    });
    if (this.#child.stdout !== null) {
      createInterface({ input: this.#child.stdout }).on("line", (line) => this.#read(line));
    }
    this.exited = new Promise((resolve, reject) => {
      this.#child.once("error", reject);
      this.#child.once("close", (code, signal) => {
        running.delete(this.#child);
        this.#hasExited = true;
        this.#notify();
        resolve(signal ?? code);
      });
    });
  }

  /** What it wrote to stderr: what nobody expects. */
  get stderr(): string {
    return this.#stderr;
  }

  /** Waits for an event. @throws {Error} if the process ends without it */
  async event(name: string): Promise<{ readonly [key: string]: unknown }> {
    for (;;) {
      const found = this.events.find(({ event }) => event === name);
      if (found !== undefined) {
        return found;
      }
      if (this.#hasExited) {
        throw new Error(`The process ended before it said "${name}":\n${this.#stderr}`);
      }
      await new Promise<void>((resolve) => this.#wake.push(resolve));
    }
  }

  /** When it got no processor, as it said itself. */
  stalls(name: string): NamedStall[] {
    return this.events
      .filter(({ event }) => event === "stalled")
      .map(({ from, to }) => ({ process: name, from: Number(from), to: Number(to) }));
  }

  /** Says something to it, as a line of JSON. */
  write(said: object): void {
    this.#child.stdin?.write(`${JSON.stringify(said)}\n`);
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  #read(line: string): void {
    const said: unknown = JSON.parse(line);
    // The server's own log lines have no event.
    if (typeof said === "object" && said !== null && "event" in said && typeof said.event === "string") {
      this.events.push({ ...said, event: said.event });
      this.#notify();
    }
  }

  #notify(): void {
    for (const wake of this.#wake.splice(0)) {
      wake();
    }
  }
}
