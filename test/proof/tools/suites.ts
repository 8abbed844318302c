import { join } from "node:path";
import { fitsPattern } from "../case-pattern.js";
import { type CommandOutcome, run, start } from "../command.js";
import { PROOF, ROOT } from "../folders.js";
import { goInstall } from "../go.js";
import { testCertificates } from "../interop/certificates.js";
import { bundle, generate } from "../programs.js";
import type { CaseResult, Suite, SuiteRequest, SuiteRun } from "../suite.js";
import { BUF_CURL_PROTOCOLS, bufCurlCases } from "./buf-curl.js";
import { grpcurlCases } from "./grpcurl.js";
import { healthProbeCases } from "./health-probe.js";
import type { ToolCase, ToolTarget } from "./tool-case.js";

const GRPCURL_VERSION = "v1.9.3";
const HEALTH_PROBE_VERSION = "v0.4.62";

/** What people call a server with when they look for a fault. */
export const everydayTools: Suite = {
  name: "tools",
  title: "grpcurl, buf curl, grpc-health-probe, our server",
  source: "https://github.com/fullstorydev/grpcurl",
  quick: false,
  knownFailures: "tools/known-failures.txt",
  run: runTools,
};

async function runTools(request: SuiteRequest): Promise<SuiteRun> {
  const grpcurl = await goInstall("github.com/fullstorydev/grpcurl/cmd/grpcurl", GRPCURL_VERSION);
  const probe = await goInstall("github.com/grpc-ecosystem/grpc-health-probe", HEALTH_PROBE_VERSION);
  const buf = join(ROOT, "node_modules/.bin/buf");
  await generate("tools", { folders: [join(PROOF, "tools/proto")] });
  const program = await bundle("tools/server.ts");
  const tls = await testCertificates();
  const cases: CaseResult[] = [];
  for (const transport of ["plain", "tls"] as const) {
    const args = transport === "plain" ? [program] : [program, tls.certificate, tls.key];
    const server = start(process.execPath, args, { shown: request.verbose });
    try {
      const [, port] = await server.line(/listening on (\d+)/);
      const target: ToolTarget = { port: Number(port), ca: transport === "tls" ? tls.ca : undefined };
      const all = [
        ...named(`grpcurl/${transport}`, grpcurl, grpcurlCases(target)),
        ...BUF_CURL_PROTOCOLS.flatMap((protocol) =>
          named(`buf-curl/${transport}/${protocol}`, buf, bufCurlCases(target, protocol)),
        ),
        ...named(`health-probe/${transport}`, probe, healthProbeCases(target)),
      ];
      for (const { name, file, make } of all) {
        if (request.patterns.length === 0 || request.patterns.some((pattern) => fitsPattern(name, pattern))) {
          cases.push(await outcome(name, file, make, request));
        }
      }
    } finally {
      await server.stop();
    }
  }
  const version = `grpcurl ${GRPCURL_VERSION}, buf ${await bufVersion(buf)}, grpc-health-probe ${HEALTH_PROBE_VERSION}`;
  return { version, cases };
}

interface NamedCase {
  readonly name: string;
  readonly file: string;
  readonly make: ToolCase;
}

function named(prefix: string, file: string, cases: Readonly<Record<string, ToolCase>>): readonly NamedCase[] {
  return Object.entries(cases).map(([name, make]) => ({ name: `${prefix}/${name}`, file, make }));
}

async function outcome(
  name: string,
  file: string,
  { args, code = 0, prints, silentAbout = [] }: ToolCase,
  { verbose }: SuiteRequest,
): Promise<CaseResult> {
  const ended = await run(file, args, { timeoutMs: 60_000, shown: verbose });
  const faults = [
    ...(ended.code === code ? [] : [`it exits with ${ended.code}, not ${code}`]),
    ...prints
      .filter((text) => !printed(ended).includes(text))
      .map((text) => `it doesn't print ${JSON.stringify(text)}`),
    ...silentAbout.filter((text) => printed(ended).includes(text)).map((text) => `it prints ${JSON.stringify(text)}`),
  ];
  return faults.length === 0
    ? { name, outcome: "passed" }
    : { name, outcome: "failed", message: `${faults.join("; ")}: ${printed(ended).slice(-400)}`.replace(/\s+/g, " ") };
}

// JSON is printed with as many spaces as each tool likes.
function printed({ stdout, stderr }: CommandOutcome): string {
  return `${stdout}\n${stderr}`.replace(/"\s*:\s*/g, '":');
}

async function bufVersion(buf: string): Promise<string> {
  return (await run(buf, ["--version"])).stdout.trim();
}
