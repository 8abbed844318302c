// `npm run soak`: the tests that are short in `npm run suites` and `npm test`, at their full length and one after the other, with
// what they measured.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { program } from "../../scripts/programs.mjs";

const root = fileURLToPath(new URL("../../", import.meta.url));
const runs = [
  ["--config", "test/suites.vitest.config.ts", "test/soak"],
  ["test/soak", "test/e2e/stream-memory.test.ts"],
];
for (const run of runs) {
  const { status } = spawnSync(
    ...program("vitest", ["run", "--testTimeout=1800000", "--no-file-parallelism", ...run]),
    {
      cwd: root,
      stdio: "inherit",
      env: { ...process.env, ACCORD_SOAK: "1" },
    },
  );
  if (status !== 0) {
    process.exitCode = status ?? 1;
  }
}
