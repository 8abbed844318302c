// Runs suites that others wrote, holds what they say against the lists of known failures, and saves it. `run.mjs` starts it.
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type ProofArguments, readArguments } from "./arguments.js";
import { run } from "./command.js";
import { BUILD, GEN, PROOF, ROOT } from "./folders.js";
import { judge, readKnownFailures, type Verdict } from "./known-failures.js";
import { pageParts, writePart } from "./proof-page.js";
import { notRunResult, resultOf, type SavedResult } from "./results.js";
import { NotRun, type Suite } from "./suite.js";
import { SUITES } from "./suites.js";

const args = readArguments(
  process.argv.slice(2),
  SUITES.map(({ name }) => name),
);
const chosen = SUITES.filter(({ name, quick }) =>
  args.suites.length > 0 ? args.suites.includes(name) : quick || !args.quick,
);
for (const suite of chosen) {
  await prove(suite, args);
}
await checkTypes(args);
if (!args.quick && args.patterns.length === 0) {
  for (const part of pageParts(ROOT, SUITES)) {
    writePart(ROOT, part);
  }
}

/** The programs under test are typed against what was just generated for them; `npm run check` can't, since it isn't there then. */
async function checkTypes({ suites }: ProofArguments): Promise<void> {
  if (suites.length > 0) {
    return;
  }
  // A quick run leaves suites out, and nothing was generated for their programs.
  const absent = readdirSync(PROOF).filter(
    (name) => existsSync(join(PROOF, name, "proto")) && !existsSync(join(GEN, name)),
  );
  const config = {
    extends: "../tsconfig.json",
    include: ["../**/*.ts"],
    exclude: [".", ...absent.map((name) => `../${name}`)],
  };
  const project = join(BUILD, "tsconfig.json");
  writeFileSync(project, JSON.stringify(config));
  const { code, stdout } = await run(join(ROOT, "node_modules/.bin/tsc"), ["-p", project]);
  if (code !== 0) {
    process.stdout.write(`The programs under test don't compile:\n${stdout}`);
    process.exitCode = 1;
  }
}

async function prove(suite: Suite, request: ProofArguments): Promise<void> {
  const complete = request.patterns.length === 0 && !request.quick;
  const started = Date.now();
  let result: SavedResult;
  let isExpected = true;
  try {
    const outcome = await suite.run(request);
    const known = readKnownFailures(join(PROOF, suite.knownFailures)).filter(
      ({ pattern }) => suite.scope === undefined || pattern.startsWith("*/") || pattern.startsWith(`${suite.scope}/`),
    );
    const verdict = judge(outcome.cases, known, complete);
    result = resultOf(suite, outcome, verdict);
    isExpected = verdict.unknown.length === 0 && verdict.stale.length === 0 && (result.cases ?? 0) > 0;
    report(suite, verdict, result, Date.now() - started);
    if (!isExpected) {
      process.exitCode = 1;
    }
  } catch (error) {
    if (!(error instanceof NotRun)) {
      // A suite that breaks off is no result, and the others are still worth running.
      process.stdout.write(`${suite.name}: broke off: ${error instanceof Error ? error.stack : error}\n`);
      process.exitCode = 1;
      return;
    }
    result = notRunResult(suite, error.message);
    process.stdout.write(`${suite.name}: not run: ${error.message}\n`);
    // CI installs all that a suite needs: there, one that can't be run is a failure.
    process.exitCode = process.env.CI === undefined ? process.exitCode : 1;
  }
  // What nobody knew isn't what the pages tell of: it is mended, or it gets a reason.
  if (complete && isExpected) {
    mkdirSync(join(PROOF, "results"), { recursive: true });
    writeFileSync(join(PROOF, "results", `${suite.name}.json`), `${JSON.stringify(result, undefined, 2)}\n`);
  }
}

function report(suite: Suite, { unknown, stale, known }: Verdict, result: SavedResult, ms: number): void {
  const failed = known.reduce((sum, { failed }) => sum + failed.length, 0);
  const leftOut = result.skipped?.reduce((sum, { count }) => sum + count, 0) ?? 0;
  process.stdout.write(
    `${suite.name}: ${result.passed} of ${result.cases} passed, ${failed} failed as known, ${unknown.length} failed, ` +
      `${leftOut} left out (${result.version}, ${Math.round(ms / 1000)} s)\n`,
  );
  for (const { name, message = "" } of unknown) {
    process.stdout.write(`  FAILED ${name}\n    ${message}\n`);
  }
  for (const line of stale) {
    process.stdout.write(`  STALE ${line}: take it off ${suite.knownFailures}\n`);
  }
}
