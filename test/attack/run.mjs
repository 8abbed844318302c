// Runs the suites that attack, with a seed that is told, and ends after three minutes at the latest.
import { spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { fileURLToPath } from "node:url";

const LIMIT_MS = 180_000;
const root = fileURLToPath(new URL("../..", import.meta.url));
const seed = process.env.ATTACK_SEED ?? String(randomInt(1, 2 ** 31));
const again = `ATTACK_SEED=${seed} npm run attack`;
process.stdout.write(`Seed: ${seed}. The same again: ${again}\n`);

const child = spawn(
  process.execPath,
  [
    `${root}/node_modules/vitest/vitest.mjs`,
    "run",
    "--config",
    "test/attack/vitest.config.ts",
    ...process.argv.slice(2),
  ],
  {
    cwd: root,
    env: { ATTACK_TIMES: "2", FUZZ_RUNS: "150", ...process.env, ATTACK_SEED: seed },
    stdio: "inherit",
    detached: true,
  },
);
const end = (signal) => {
  try {
    // With the processes that vitest has started.
    process.kill(-child.pid, signal);
  } catch {
    // It has ended by itself.
  }
};
const timer = setTimeout(() => {
  process.stderr.write(`The attacks haven't ended within ${LIMIT_MS / 1000} s. The same again: ${again}\n`);
  end("SIGKILL");
}, LIMIT_MS);
process.once("SIGINT", () => end("SIGINT"));
process.once("SIGTERM", () => end("SIGTERM"));
child.once("exit", (code) => {
  clearTimeout(timer);
  if (code !== 0) {
    process.stderr.write(`Something was found. The same again: ${again}\n`);
  }
  process.exitCode = code ?? 1;
});
