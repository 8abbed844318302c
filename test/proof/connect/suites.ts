import { join } from "node:path";
import { run } from "../command.js";
import { PROOF } from "../folders.js";
import { bundle } from "../programs.js";
import type { CaseResult, Suite, SuiteRequest, SuiteRun } from "../suite.js";
import { CONFORMANCE_VERSION, prepareConformance } from "./prepare.js";

const SOURCE = "https://github.com/connectrpc/conformance";

export const connectServer: Suite = {
  name: "connect-server",
  title: "Connect's conformance suite, gRPC, gRPC-Web and Connect, HTTP/1.1 and 2, our server",
  source: SOURCE,
  quick: true,
  knownFailures: "connect/known-failures-server.txt",
  run: (request) => runConformance("server", request),
};

export const connectClient: Suite = {
  name: "connect-client",
  title: "Connect's conformance suite, gRPC, our client",
  source: SOURCE,
  quick: true,
  knownFailures: "connect/known-failures-client.txt",
  run: (request) => runConformance("client", request),
};

async function runConformance(mode: "server" | "client", request: SuiteRequest): Promise<SuiteRun> {
  const runner = await prepareConformance();
  const program = await bundle(`connect/${mode}.ts`);
  const args = [
    ...["--mode", mode, "--conf", join(PROOF, `connect/config-${mode}.yaml`), "--vv"],
    ...request.patterns.flatMap((pattern) => ["--run", pattern]),
    ...(request.verbose ? ["--trace"] : []),
    ...["--", process.execPath, program],
  ];
  const { code, stdout, stderr, timedOut } = await run(runner, args, { shown: request.verbose });
  const text = `${stdout}\n${stderr}`;
  const cases = readCases(text);
  if (timedOut || !/^Total cases: \d+$/m.test(text)) {
    throw new Error(`connectconformance ended with ${code ?? "a signal"} before its summary: ${text.slice(-1000)}`);
  }
  return { version: `connectconformance ${CONFORMANCE_VERSION}`, cases };
}

/** What the runner printed of each case: with `--vv` it names those that pass, too. */
export function readCases(text: string): CaseResult[] {
  const failed = new Map<string, string>();
  for (const [, name, reason] of text.matchAll(/^FAILED: (.*?):?\n((?:\t.*\n?)+)/gm)) {
    if (name !== undefined && reason !== undefined) {
      failed.set(name, reason.trim().replace(/\s+/g, " "));
    }
  }
  const names = new Set([...text.matchAll(/Sending request for "([^"]+)"\.\.\.$/gm)].map(([, name]) => name ?? ""));
  return [...new Set([...names, ...failed.keys()])].sort().map((name) => {
    const message = failed.get(name);
    return message === undefined ? { name, outcome: "passed" } : { name, outcome: "failed", message };
  });
}
