import { existsSync, mkdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { need, run } from "../command.js";
import { BUILD, CACHE, PROOF, ROOT } from "../folders.js";
import { bundle, generate } from "../programs.js";
import type { CaseResult, Suite, SuiteRequest, SuiteRun } from "../suite.js";

const SOURCE = "https://github.com/bufbuild/protovalidate";
const VERSION = "1.2.2-13-gec950f2";
/** Where the cases are kept for tests that can't have the runner. */
const RECORDED = join(ROOT, "test/validate/conformance");
const COMMIT = "ec950f2039c7cf07895f1f83ab565d7fc57628be";

/** protovalidate's own conformance suite, against the validators that Accord generates. */
export const protovalidateConformance: Suite = {
  name: "protovalidate",
  title: "protovalidate's conformance suite: generated validators",
  source: `${SOURCE}/tree/main/tools/protovalidate-conformance`,
  // Its runner is no module that Go's proxy has. Each commit runs its cases as they were recorded: test/validate/conformance.test.ts.
  quick: false,
  knownFailures: "protovalidate/known-failures.txt",
  run: runProtovalidate,
};

async function runProtovalidate(request: SuiteRequest): Promise<SuiteRun> {
  const runner = await install();
  await generate("protovalidate", {
    folders: [join(PROOF, "protovalidate/proto"), join(ROOT, "runtime/proto")],
    only: ["accord", "buf/validate/violations.proto"],
  });
  const executor = await bundle("protovalidate/executor.ts");
  const output = join(BUILD, "protovalidate/results.binpb");
  rmSync(output, { force: true });
  const { stderr } = await run(
    "sh",
    [
      ...["-c", 'exec "$0" "$@" >"$OUTPUT"', runner],
      ...[
        "--proto",
        "--verbose",
        "--strict_message",
        "--strict_error",
        "--timeout=120s",
        "--",
        process.execPath,
        executor,
      ],
    ],
    { shown: request.verbose, timeoutMs: 20 * 60_000, env: { OUTPUT: output } },
  );
  if (!existsSync(output) || statSync(output).size === 0) {
    throw new Error(`the conformance suite ended without results: ${stderr.slice(-1000)}`);
  }
  const recorder = await bundle("protovalidate/recorder.ts");
  const cases = JSON.parse(
    await need("Reading the results", process.execPath, [recorder, output, RECORDED]),
  ) as CaseResult[];
  return { version: `protovalidate ${VERSION}`, cases };
}

/** Builds the runner of protovalidate's repository, unless it is in the cache. `PROTOVALIDATE_SOURCE`: another place of that repository. */
async function install(): Promise<string> {
  const folder = join(CACHE, `protovalidate-${VERSION}`);
  const binary = join(folder, "protovalidate-conformance");
  if (!existsSync(binary)) {
    const source = join(folder, "source");
    rmSync(source, { recursive: true, force: true });
    mkdirSync(source, { recursive: true });
    const from = process.env.PROTOVALIDATE_SOURCE ?? SOURCE;
    process.stderr.write(`Building protovalidate-conformance ${VERSION} …\n`);
    await need("Making a repository", "git", ["init", "--quiet"], { cwd: source });
    await need(`Fetching ${from}`, "git", ["fetch", "--quiet", "--depth=1", from, COMMIT], { cwd: source });
    await need("Checking out", "git", ["checkout", "--quiet", "FETCH_HEAD"], { cwd: source });
    await need(
      "Building protovalidate-conformance",
      "nice",
      ["-n", "5", "go", "build", "-o", binary, "./protovalidate-conformance"],
      { cwd: join(source, "tools"), timeoutMs: 30 * 60_000 },
    );
  }
  return binary;
}
