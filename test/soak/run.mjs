// `npm run soak`: the tests that are short in `npm test`, at their full length and one after the other, with what they
// measured.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));
const tests = ["test/soak", "test/e2e/stream-memory.test.ts"];
const { status } = spawnSync("npx", ["vitest", "run", "--testTimeout=1800000", "--no-file-parallelism", ...tests], {
  cwd: root,
  stdio: "inherit",
  env: { ...process.env, ACCORD_SOAK: "1" },
});
process.exit(status ?? 1);
