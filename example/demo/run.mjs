// The demo: generates the code from the protos, compiles it, and plays it (src/demo/main.ts).
//
// It is plain JavaScript because it runs before anything is compiled.
import { spawn } from "node:child_process";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { program } from "../../scripts/programs.mjs";

const example = dirname(dirname(fileURLToPath(import.meta.url)));
const WINDOWS = process.platform === "win32";
const started = Date.now();
/** The build steps that are running, to be ended with the demo. */
const children = new Set();
let killServers = () => {};

for (const [signal, number] of Object.entries({ SIGINT: 2, SIGTERM: 15, SIGHUP: 1 })) {
  process.once(signal, () => {
    process.stdout.write(`\nStopped by ${signal}.\n`);
    process.exit(128 + number);
  });
}
// Whoever reads this has seen enough: `npm run demo | head`.
process.stdout.on("error", (error) => process.exit(error.code === "EPIPE" ? 0 : 1));
// Whatever the reason why this process ends: the ones that it started end with it.
process.on("exit", () => {
  killServers();
  for (const child of children) {
    endWithChildren(child);
  }
});

try {
  await progress("generating code from proto/ (buf generate)", () => npmRun("generate"));
  await progress("compiling (tsc)", () => npmRun("build"));
  await progress("building the page (vite build)", () => npmRun("build:web"));
  const { openTerminal, play, ServerProcess } = await import("../dist/demo/index.js");
  killServers = () => ServerProcess.killAll();
  await play(openTerminal(process.stdout, process.env), progress);
  process.stdout.write(`\nThat's all, after ${seconds(started)}. Where to look next: example/README.md\n`);
} catch (error) {
  // Somebody else's message says it all; of an error of the play, the stack says where.
  const text = error.cause === "command" ? error.message : (error.stack ?? error);
  process.stderr.write(`\nThe demo failed: ${text}\n`);
  process.exitCode = 1;
}
process.exit();

/** Says what is going on while it is going on, and how long it took. */
async function progress(what, work) {
  const since = Date.now();
  process.stdout.write(`· ${what} …`);
  try {
    const result = await work();
    process.stdout.write(` ${seconds(since)}\n`);
    return result;
  } catch (error) {
    process.stdout.write(" failed\n");
    throw error;
  }
}

/** Runs a script of the example's package.json, and keeps what it says for when it fails. */
function npmRun(script) {
  return new Promise((resolve, reject) => {
    const child = spawn(...program("npm", ["run", "--silent", script]), {
      cwd: example,
      stdio: ["ignore", "pipe", "pipe"],
      // A process group of its own, which can be ended as a whole: npm, its shell, and what that runs.
      detached: !WINDOWS,
    });
    let output = "";
    child.stdout.on("data", (chunk) => (output += chunk));
    child.stderr.on("data", (chunk) => (output += chunk));
    children.add(child);
    child.once("error", reject);
    child.once("close", (code) => {
      children.delete(child);
      if (code === 0) {
        resolve();
      } else {
        reject(new Error(`\`npm run ${script}\` says\n\n${output.trim()}`, { cause: "command" }));
      }
    });
  });
}

function endWithChildren(child) {
  try {
    process.kill(WINDOWS ? child.pid : -child.pid, "SIGKILL");
  } catch {
    // It has just ended by itself.
  }
}

function seconds(since) {
  return `${((Date.now() - since) / 1000).toFixed(1)} s`;
}
