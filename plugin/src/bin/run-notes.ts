import { execFileSync } from "node:child_process";
import { createHash, randomUUID } from "node:crypto";
import { linkSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";

// A compiler starts the plugin once for each entry that names it, and buf once for each directory too. All that these
// processes have in common is who started them, so they leave notes for each other.

/** Programs whose every run is a process of its own. */
const COMPILERS: ReadonlySet<string | undefined> = new Set(["buf", "protoc"]);

/** How long a note says something: a run of a compiler is over by then. */
const LIFETIME_MS = 60_000;

interface RunNotesOptions {
  /** What tells a run of the compiler from others: the id of its process. */
  readonly parent?: number;
  /** The name of a process's program, if it can be found out. */
  readonly command?: (pid: number) => string | undefined;
  readonly folder?: string;
}

/** Notes that the processes of one run of a compiler leave for each other. */
export class RunNotes {
  readonly #parent: number;
  readonly #command: (pid: number) => string | undefined;
  readonly #folder: string;

  constructor({ parent = process.ppid, command = commandOf, folder = defaultFolder() }: RunNotesOptions = {}) {
    this.#parent = parent;
    this.#command = command;
    this.#folder = folder;
  }

  /** Whether a compiler has started this process, rather than some program that may do so several times. */
  get ofCompiler(): boolean {
    return COMPILERS.has(this.#command(this.#parent));
  }

  /**
   * Leaves a note on a subject, unless another process of the run has left one.
   *
   * @returns the note that was there before, or undefined if this one is the first
   * @throws if notes can't be left or read
   */
  leave(subject: unknown, text: string): string | undefined {
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    this.#removeOld();
    const digest = createHash("sha256")
      .update(JSON.stringify([this.#parent, subject]))
      .digest("hex");
    const note = join(this.#folder, digest);
    // Whoever finds the note finds all of it.
    const draft = join(this.#folder, randomUUID());
    try {
      writeFileSync(draft, text, { flag: "wx", mode: 0o600 });
      linkSync(draft, note);
      return undefined;
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "EEXIST") {
        return readFileSync(note, "utf8");
      }
      throw error;
    } finally {
      rmSync(draft, { force: true });
    }
  }

  #removeOld(): void {
    for (const name of readdirSync(this.#folder)) {
      const note = join(this.#folder, name);
      const age = Date.now() - (statSync(note, { throwIfNoEntry: false })?.mtimeMs ?? Number.POSITIVE_INFINITY);
      if (age > LIFETIME_MS) {
        rmSync(note, { force: true });
      }
    }
  }
}

function defaultFolder(): string {
  return join(tmpdir(), `accord-notes-${process.getuid?.() ?? "all"}`);
}

function commandOf(pid: number): string | undefined {
  try {
    const path =
      process.platform === "linux"
        ? readFileSync(`/proc/${pid}/comm`, "utf8")
        : execFileSync("ps", ["-o", "comm=", "-p", String(pid)], { encoding: "utf8", stdio: "pipe" });
    return basename(path.trim()).replace(/\.exe$/i, "");
  } catch {
    return undefined;
  }
}
