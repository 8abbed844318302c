// Runs a plugin as a compiler does: a process that reads a request and writes a response.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

// GNU time knows what a process has used when it has ended. Without it, only the time is known.
const GNU_TIME = "/usr/bin/time";
const hasTime = existsSync(GNU_TIME);
const folder = mkdtempSync(join(tmpdir(), "accord-bench-codegen-"));
process.on("exit", () => rmSync(folder, { recursive: true }));

/**
 * Runs a plugin once.
 *
 * @param limit in seconds; a process that takes longer is ended
 * @returns the seconds from its start to its end, the processor's seconds, the most memory it had in MiB, and the size of its
 * answer in MiB; or that it took too long, or failed
 */
export async function run({ args }, request, limit) {
  const usage = join(folder, "usage");
  const command = hasTime ? [GNU_TIME, "-q", "-f", "%U %S %M", "-o", usage, process.execPath] : [process.execPath];
  const started = process.hrtime.bigint();
  // A group of its own, so that what GNU time has started can be ended too.
  const child = spawn(command[0], [...command.slice(1), ...args], { stdio: ["pipe", "pipe", "pipe"], detached: true });
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    process.kill(-child.pid, "SIGKILL");
  }, limit * 1000);
  let bytes = 0;
  let messages = "";
  child.stdout.on("data", (chunk) => {
    bytes += chunk.length;
  });
  child.stderr.on("data", (chunk) => {
    messages += chunk;
  });
  // It may end before it has read everything.
  child.stdin.on("error", () => {});
  child.stdin.end(request);
  const [code] = await once(child, "close");
  clearTimeout(timer);
  if (timedOut) {
    return { failure: `over ${limit} s` };
  }
  if (code !== 0 || bytes < 100) {
    return { failure: `failed (${messages.trim().split("\n")[0]?.slice(0, 80) || `exit code ${code}`})` };
  }
  const [user, system, kibibytes] = hasTime ? readFileSync(usage, "utf8").trim().split(" ").map(Number) : [];
  return {
    seconds: Number(process.hrtime.bigint() - started) / 1e9,
    ...(hasTime ? { processorSeconds: user + system, peakMiB: kibibytes / 1024 } : {}),
    outputMiB: bytes / 2 ** 20,
  };
}
