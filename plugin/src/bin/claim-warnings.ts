import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";

// A compiler starts the plugin once for each entry that names it, and each of them finds the same warnings. All that these
// processes have in common is who started them, so the first leaves a note for the others.

/** Programs whose every run is a process of its own. */
const COMPILERS: ReadonlySet<string | undefined> = new Set(["buf", "protoc"]);

interface ClaimOptions {
  /** What tells a run of the compiler from others: the id of its process. */
  readonly parent?: number;
  /** The name of a process's program, if it can be found out. */
  readonly command?: (pid: number) => string | undefined;
  readonly folder?: string;
}

/** How long a note says something: a run of a compiler is over by then. */
const LIFETIME_MS = 60_000;

/**
 * Whether these warnings are still to be told: false if another entry of the same run of the compiler has told them. Where
 * that can't be found out, they are told again rather than never.
 *
 * @param parameter this entry's options
 */
export function claimWarnings(
  warnings: readonly string[],
  parameter: string,
  { parent = process.ppid, command = commandOf, folder = defaultFolder() }: ClaimOptions = {},
): boolean {
  const digest = createHash("sha256")
    .update(JSON.stringify([parent, ...warnings]))
    .digest("hex");
  const note = join(folder, digest);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    removeOld(folder);
    if (leave(note, parameter)) {
      return true;
    }
    // The same options: another entry with another `out`, or whoever isn't a compiler has started the plugin once more.
    return readFileSync(note, "utf8") === parameter && !COMPILERS.has(command(parent));
  } catch {
    return true;
  }
}

function defaultFolder(): string {
  return join(tmpdir(), `accord-warnings-${process.getuid?.() ?? "all"}`);
}

function commandOf(pid: number): string | undefined {
  try {
    const path =
      process.platform === "linux"
        ? readFileSync(`/proc/${pid}/comm`, "utf8")
        : execFileSync("ps", ["-o", "comm=", "-p", String(pid)], { encoding: "utf8", stdio: "pipe" });
    return basename(path.trim());
  } catch {
    return undefined;
  }
}

/** Leaves a note, unless there is one. */
function leave(note: string, parameter: string): boolean {
  try {
    writeFileSync(note, parameter, { flag: "wx", mode: 0o600 });
    return true;
  } catch {
    return false;
  }
}

function removeOld(folder: string): void {
  for (const name of readdirSync(folder)) {
    const note = join(folder, name);
    const age = Date.now() - (statSync(note, { throwIfNoEntry: false })?.mtimeMs ?? Number.POSITIVE_INFINITY);
    if (age > LIFETIME_MS) {
      rmSync(note, { force: true });
    }
  }
}
