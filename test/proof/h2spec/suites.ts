import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fitsPattern } from "../case-pattern.js";
import { run, start } from "../command.js";
import { BUILD } from "../folders.js";
import { goBuild } from "../go.js";
import { testCertificates } from "../interop/certificates.js";
import type { TestCertificates } from "../interop/peer.js";
import { prepareInterop } from "../interop/prepare.js";
import { bundle } from "../programs.js";
import type { CaseResult, Suite, SuiteRequest, SuiteRun } from "../suite.js";

const VERSION = "v2.2.1";
const SOURCE = "https://github.com/summerwind/h2spec";

/** HTTP/2 itself, against a generated server. */
export const h2specAccord: Suite = {
  name: "h2spec",
  title: "h2spec, our server",
  source: SOURCE,
  quick: true,
  knownFailures: "h2spec/known-failures.txt",
  run: async (request) => runH2spec((await prepareInterop()).server, request),
};

/** The same against a bare `node:http2` server: what fails here, too, is Node's. */
export const h2specNode: Suite = {
  name: "h2spec-node",
  title: "h2spec, a bare node:http2 server, to compare",
  source: SOURCE,
  quick: false,
  knownFailures: "h2spec/known-failures-node.txt",
  run: async (request) => runH2spec(await bundle("h2spec/bare-server.ts"), request),
};

async function runH2spec(program: string, request: SuiteRequest): Promise<SuiteRun> {
  const h2spec = await goBuild("h2spec", VERSION, "github.com/summerwind/h2spec/cmd/h2spec");
  const tls = await testCertificates();
  // A case that fails waits for two seconds: both can wait at once.
  const cases = await Promise.all([
    runAgainst(program, { h2spec, transport: "plain", tls: undefined, request }),
    request.quick ? [] : runAgainst(program, { h2spec, transport: "tls", tls, request }),
  ]);
  return { version: `h2spec ${VERSION}`, cases: cases.flat() };
}

interface H2specRun {
  readonly h2spec: string;
  readonly transport: string;
  readonly tls: TestCertificates | undefined;
  readonly request: SuiteRequest;
}

async function runAgainst(program: string, { h2spec, transport, tls, request }: H2specRun): Promise<CaseResult[]> {
  const args = tls === undefined ? [program] : [program, tls.certificate, tls.key];
  const server = start(process.execPath, args, { shown: request.verbose });
  try {
    const [, port] = await server.line(/listening on (\d+)/);
    mkdirSync(BUILD, { recursive: true });
    const report = join(BUILD, `h2spec-${transport}.xml`);
    const flags = ["--port", String(port), "--path", "/grpc.testing.TestService/EmptyCall", "--junit-report", report];
    const { stdout, stderr } = await run(h2spec, [...flags, ...(tls === undefined ? [] : ["--tls", "--insecure"])], {
      shown: request.verbose,
    });
    if (!existsSync(report)) {
      throw new Error(`h2spec wrote no report: ${`${stdout}${stderr}`.slice(-1000)}`);
    }
    const cases = readReport(readFileSync(report, "utf8"), transport);
    const [, total, passed] = /(\d+) tests, (\d+) passed/.exec(stdout) ?? [];
    if (Number(total) !== cases.length || Number(passed) !== cases.filter(isPassed).length) {
      throw new Error(`h2spec's report and its summary differ: ${stdout.slice(-200)}`);
    }
    return cases.filter(
      ({ name }) => request.patterns.length === 0 || request.patterns.some((pattern) => fitsPattern(name, pattern)),
    );
  } finally {
    await server.stop();
  }
}

function isPassed({ outcome }: CaseResult): boolean {
  return outcome === "passed";
}

/** The cases of a JUnit report, named by their section and their number in it: `plain/http2/5.1/8`. */
export function readReport(xml: string, transport: string): CaseResult[] {
  return [...xml.matchAll(/<testsuite [^>]*package="([^"]*)"[^>]*>(.*?)<\/testsuite>/gs)].flatMap(
    ([, section, content = ""]) =>
      [...content.matchAll(/<testcase [^>]*classname="([^"]*)"[^>]*?(?:\/>|>(.*?)<\/testcase>)/gs)].map(
        ([, title = "", outcome = ""], index): CaseResult => {
          const name = `${transport}/${section}/${index + 1}`;
          if (outcome.includes("<skipped")) {
            return { name, outcome: "skipped", message: `h2spec skips: ${plain(title)}` };
          }
          const [, failure] = /<(?:error|failure)[^>]*>(.*?)<\/(?:error|failure)>/s.exec(outcome) ?? [];
          return failure === undefined
            ? { name, outcome: "passed" }
            : { name, outcome: "failed", message: `${plain(title)}: expected, then seen: ${plain(failure)}` };
        },
      ),
  );
}

const ENTITIES: Readonly<Record<string, string>> = { lt: "<", gt: ">", quot: '"', apos: "'", amp: "&" };

function plain(text: string): string {
  return text
    .replace(/&#(x?)([\da-f]+);/gi, (_, hex, digits) => String.fromCodePoint(Number.parseInt(digits, hex ? 16 : 10)))
    .replace(/&(lt|gt|quot|apos|amp);/g, (_, name: string) => ENTITIES[name] ?? "")
    .replace(/\s+/g, " ")
    .trim();
}
