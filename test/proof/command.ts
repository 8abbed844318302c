import { type ChildProcess, spawn } from "node:child_process";
import { NotRun } from "./suite.js";

/** How a program is run. */
export interface CommandOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** It is ended after so many milliseconds, and counts as failed. Default: ten minutes. */
  readonly timeoutMs?: number;
  /** What it prints is shown while it runs. */
  readonly shown?: boolean;
  /** Its stdin is a pipe that stays open as long as this process lives. Only for what runs in the background. */
  readonly piped?: boolean;
}

/** How a program ended. */
export interface CommandOutcome {
  /** `undefined`: it was ended by a signal, or for its time. */
  readonly code: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
  readonly timedOut: boolean;
}

const DEFAULT_TIMEOUT_MS = 10 * 60_000;

/**
 * Runs a program to its end.
 *
 * @throws {NotRun} if there is no such program
 */
export function run(file: string, args: readonly string[], options: CommandOptions = {}): Promise<CommandOutcome> {
  const { cwd, env, timeoutMs = DEFAULT_TIMEOUT_MS, shown = false } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { cwd, env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => {
      out.push(chunk);
      if (shown) {
        process.stderr.write(chunk);
      }
    });
    child.stderr.on("data", (chunk: Buffer) => {
      err.push(chunk);
      if (shown) {
        process.stderr.write(chunk);
      }
    });
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      child.kill("SIGKILL");
    }, timeoutMs);
    child.once("error", (error) => {
      clearTimeout(timer);
      reject(new NotRun(`${file} can't be started: ${error.message}`));
    });
    child.once("close", (code) => {
      clearTimeout(timer);
      resolve({
        code: code ?? undefined,
        stdout: Buffer.concat(out).toString(),
        stderr: Buffer.concat(err).toString(),
        timedOut,
      });
    });
  });
}

/**
 * Runs a program whose failure means that a suite can't be run: a compiler, an installer.
 *
 * @returns what it printed to stdout
 * @throws {NotRun} with the end of what it printed
 */
export async function need(what: string, file: string, args: readonly string[], options: CommandOptions = {}) {
  const { code, stdout, stderr } = await run(file, args, options);
  if (code !== 0) {
    const last = `${stdout}\n${stderr}`.trim().split("\n").slice(-3).join(" ").slice(0, 500);
    throw new NotRun(`${what} failed: ${file} ${args.join(" ")}: ${last}`);
  }
  return stdout;
}

/** A program that runs in the background. */
export interface BackgroundProcess {
  readonly child: ChildProcess;
  /** Resolves with the first line of its stdout or stderr that fits; rejects if it ends before. */
  line(expression: RegExp): Promise<RegExpExecArray>;
  /** What it has printed so far. */
  output(): string;
  /** Ends it, and waits. */
  stop(): Promise<void>;
}

/** Starts a program that is ended by its caller. */
export function start(file: string, args: readonly string[], options: CommandOptions = {}): BackgroundProcess {
  const { cwd, env, shown = false, piped = false } = options;
  const stdin = piped ? "pipe" : "ignore";
  const child = spawn(file, args, { cwd, env: { ...process.env, ...env }, stdio: [stdin, "pipe", "pipe"] });
  let text = "";
  const waiting = new Set<() => void>();
  const read = (chunk: Buffer) => {
    text += chunk.toString();
    if (shown) {
      process.stderr.write(chunk);
    }
    for (const look of [...waiting]) {
      look();
    }
  };
  child.stdout?.on("data", read);
  child.stderr?.on("data", read);
  const ended = new Promise<void>((resolve) => {
    child.once("close", () => resolve());
    child.once("error", (error) => {
      text += error.message;
      resolve();
    });
  });
  return {
    child,
    output: () => text,
    line: (expression) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const found = expression.exec(text);
          if (found !== null) {
            waiting.delete(look);
            resolve(found);
          }
        };
        waiting.add(look);
        look();
        void ended.then(() => reject(new Error(`${file} ended before it printed ${expression}: ${text.slice(-500)}`)));
      }),
    stop: async () => {
      child.kill("SIGTERM");
      const timer = setTimeout(() => child.kill("SIGKILL"), 5_000);
      await ended;
      clearTimeout(timer);
    },
  };
}
