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
/** Ends the plugin that runs. */
let end = () => {};
process.on("exit", () => {
  end();
  rmSync(folder, { recursive: true });
});
process.on("SIGINT", () => process.exit(130));
process.on("SIGTERM", () => process.exit(143));

/**
 * Runs a plugin once.
 *
 * @param limit in seconds; a process that takes longer is ended
 * @returns the seconds from its start to its end, the processor's seconds, the most memory it had in MiB, and the size of its
 * answer in MiB; or the seconds after which it wasn't done, or how it failed
 */
export async function run({ args }, request, limit) {
  const usage = join(folder, "usage");
  const command = hasTime ? [GNU_TIME, "-q", "-f", "%U %S %M", "-o", usage, process.execPath] : [process.execPath];
  const started = process.hrtime.bigint();
  // A group of its own, so that what GNU time has started can be ended too.
  const child = spawn(command[0], [...command.slice(1), ...args], { stdio: ["pipe", "pipe", "pipe"], detached: true });
  end = () => process.kill(-child.pid, "SIGKILL");
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    end();
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
  end = () => {};
  clearTimeout(timer);
  if (timedOut) {
    return { notDoneAfter: limit };
  }
  if (code !== 0 || bytes < 100) {
    return { failure: messages.trim().split("\n")[0]?.slice(0, 80) || `exit code ${code}` };
  }
  const [user, system, kibibytes] = hasTime ? readFileSync(usage, "utf8").trim().split(" ").map(Number) : [];
  return {
    seconds: Number(process.hrtime.bigint() - started) / 1e9,
    ...(hasTime ? { processorSeconds: user + system, peakMiB: kibibytes / 1024 } : {}),
    outputMiB: bytes / 2 ** 20,
  };
}
