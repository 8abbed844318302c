// `npm run soak`: the tests that are short in `npm run suites` and `npm test`, at their full length and one after the other, with
// what they measured.
//
// Exit code 1: a test failed. 3: all that failed says of itself that the machine was too slow, which is told in one line.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { program } from "../../scripts/programs.mjs";

const root = fileURLToPath(new URL("../../", import.meta.url));
const runs = [
  ["--config", "test/suites.vitest.config.ts", "test/soak"],
  ["test/soak", "test/e2e/stream-memory.test.ts"],
];
// As test/machine-stalls.ts has them.
const VERDICT = /The machine was too slow: .*/;
const TOO_SLOW_EXIT_CODE = 3;

const folder = mkdtempSync(join(tmpdir(), "soak-"));
const results = join(folder, "results.json");
const reports = ["--reporter=default", "--reporter=json", `--outputFile.json=${results}`];
for (const run of runs) {
  const { status } = spawnSync(
    ...program("vitest", ["run", "--testTimeout=1800000", "--no-file-parallelism", ...reports, ...run]),
    {
      cwd: root,
      stdio: "inherit",
      env: { ...process.env, ACCORD_SOAK: "1" },
    },
  );
  if (status !== 0) {
    const verdicts = tooSlow();
    // What failed in the other run stays a failure.
    process.exitCode = verdicts.length > 0 ? (process.exitCode ?? TOO_SLOW_EXIT_CODE) : (status ?? 1);
    process.stderr.write(verdicts.map((verdict) => `${verdict}\n`).join(""));
  }
}
rmSync(folder, { recursive: true });

/** The verdicts on a machine that was too slow, if nothing else has failed. */
function tooSlow() {
  const failures = JSON.parse(readFileSync(results, "utf8"))
    .testResults.flatMap(({ message, assertionResults }) => [
      ...(assertionResults.length === 0 ? [message] : []),
      ...assertionResults.flatMap(({ status, failureMessages }) =>
        status === "failed" ? [failureMessages.join()] : [],
      ),
    ])
    .map((message) => VERDICT.exec(message)?.[0]);
  return failures.includes(undefined) ? [] : failures;
}
