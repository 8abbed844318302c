import { freePort, listening } from "../../free-port.js";
import { fitsPattern } from "../case-pattern.js";
import { run, start } from "../command.js";
import type { CaseResult, Suite, SuiteRequest, SuiteRun } from "../suite.js";
import { testCertificates } from "./certificates.js";
import { grpcGo } from "./grpc-go.js";
import { grpcJava } from "./grpc-java.js";
import { grpcPython } from "./grpc-python.js";
import type { Peer, PreparedPeer, TestCertificates } from "./peer.js";
import { prepareInterop } from "./prepare.js";
import { LEAVING_AGE_MS, SOAK_OF_LEAVING } from "./soak.js";

const PARALLEL = 3;

/** What isn't repeated for each commit. */
const TAKES_LONG: readonly string[] = ["rpc_soak", "channel_soak", SOAK_OF_LEAVING, "orca_oob"];

/** gRPC's interoperability tests: each peer's client against our server, and our client against each peer's server. */
export const interopSuites: readonly Suite[] = [grpcGo, grpcJava, grpcPython].flatMap((peer): Suite[] => [
  {
    name: `${peer.name}-client`,
    title: `gRPC interop, ${peer.title}'s client, our server`,
    source: peer.source,
    quick: peer.quick,
    knownFailures: "interop/known-failures-server.txt",
    scope: peer.name,
    run: (request) => theirClient(peer, request),
  },
  {
    name: `${peer.name}-server`,
    title: `gRPC interop, our client, ${peer.title}'s server`,
    source: peer.source,
    quick: peer.quick,
    knownFailures: "interop/known-failures-client.txt",
    scope: peer.name,
    run: (request) => theirServer(peer, request),
  },
]);

async function theirClient(peer: Peer, request: SuiteRequest): Promise<SuiteRun> {
  const prepared = await peer.prepare();
  const cases = await withAndWithoutTls(async (transport, tls) => {
    const wanted = prepared.clientCases.filter(
      (testCase) =>
        isWanted(`${peer.name}/${transport}/${testCase}`, request) && !(request.quick && TAKES_LONG.includes(testCase)),
    );
    const leaving = wanted.filter((testCase) => testCase === SOAK_OF_LEAVING);
    const others = wanted.filter((testCase) => testCase !== SOAK_OF_LEAVING);
    const run = (cases: readonly string[], env: Readonly<Record<string, string>>) =>
      againstOurs(`${peer.name}/${transport}`, prepared, cases, { tls, env, request });
    return [...(await run(others, {})), ...(await run(leaving, { CONNECTION_AGE_MS: String(LEAVING_AGE_MS) }))];
  });
  return { version: prepared.version, cases };
}

/** Runs a peer's cases against a server of ours. */
async function againstOurs(
  prefix: string,
  prepared: PreparedPeer,
  cases: readonly string[],
  {
    tls,
    env,
    request,
  }: { tls: TestCertificates | undefined; env: Readonly<Record<string, string>>; request: SuiteRequest },
): Promise<readonly CaseResult[]> {
  if (cases.length === 0) {
    return [];
  }
  const { server } = await prepareInterop();
  const args = tls === undefined ? [server] : [server, tls.certificate, tls.key];
  const ours = start(process.execPath, args, { env, shown: request.verbose });
  try {
    const [, port] = await ours.line(/listening on (\d+)/);
    const wanted = cases.map((testCase) => ({ name: `${prefix}/${testCase}`, testCase, port: Number(port), tls }));
    return await inParallel(wanted, (testCase) => theirCase(prepared, testCase));
  } finally {
    await ours.stop();
  }
}

/** The results in the order of the cases, although several run at a time: most of their time is a program's start. */
async function inParallel<Case>(
  cases: readonly Case[],
  make: (testCase: Case) => Promise<CaseResult>,
): Promise<readonly CaseResult[]> {
  const results: CaseResult[] = [];
  const waiting = [...cases.entries()];
  const worker = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [index, testCase] = next;
      results[index] = await make(testCase);
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, worker));
  return results;
}

async function theirCase(
  peer: PreparedPeer,
  { name, testCase, port, tls }: { name: string; testCase: string; port: number; tls: TestCertificates | undefined },
): Promise<CaseResult> {
  const leftOut = peer.leftOut?.[testCase];
  if (leftOut !== undefined) {
    return { name, outcome: "skipped", message: leftOut };
  }
  const { code, stdout, stderr, timedOut } = await peer.runClient(testCase, port, tls);
  if (code === 0) {
    return { name, outcome: "passed" };
  }
  const text = `${stdout}\n${stderr}`.trim();
  return { name, outcome: "failed", message: timedOut ? "it didn't end" : text.slice(-600).replace(/\s+/g, " ") };
}

async function theirServer(peer: Peer, request: SuiteRequest): Promise<SuiteRun> {
  const prepared = await peer.prepare();
  const cases = await withAndWithoutTls(async (transport, tls) => {
    const port = await freePort();
    const { file, args, env = {} } = prepared.serverCommand(port, tls);
    const theirs = start(file, args, { env, shown: request.verbose });
    try {
      await listening(port);
      return await ourCases(`${peer.name}/${transport}`, prepared, { port, tls, request });
    } finally {
      await theirs.stop();
    }
  });
  return { version: prepared.version, cases };
}

async function ourCases(
  prefix: string,
  { serverLacks }: PreparedPeer,
  { port, tls, request }: { port: number; tls: TestCertificates | undefined; request: SuiteRequest },
): Promise<CaseResult[]> {
  const { client } = await prepareInterop();
  const args = [client, `localhost:${port}`, ...(tls === undefined ? [] : [tls.ca])];
  const env = { PATTERNS: JSON.stringify(request.patterns), PREFIX: prefix };
  const { stdout, stderr } = await run(process.execPath, args, { env, shown: request.verbose });
  const lines = stdout.split("\n").filter((line) => line.startsWith("{"));
  if (!/^done$/m.test(stdout)) {
    throw new Error(`our client ended before all its cases: ${stderr.slice(-1000)}`);
  }
  return lines
    .map((line) => JSON.parse(line) as { readonly name: string; readonly error?: string })
    .map(({ name, error }): CaseResult => {
      const lack = serverLacks[name];
      if (lack !== undefined) {
        return { name: `${prefix}/${name}`, outcome: "skipped", message: lack };
      }
      return error === undefined
        ? { name: `${prefix}/${name}`, outcome: "passed" }
        : { name: `${prefix}/${name}`, outcome: "failed", message: error.replace(/\s+/g, " ") };
    })
    .filter(({ name }) => isWanted(name, request));
}

async function withAndWithoutTls(
  make: (transport: "plain" | "tls", tls: TestCertificates | undefined) => Promise<readonly CaseResult[]>,
): Promise<readonly CaseResult[]> {
  const tls = await testCertificates();
  return [...(await make("plain", undefined)), ...(await make("tls", tls))];
}

function isWanted(name: string, { patterns }: SuiteRequest): boolean {
  return patterns.length === 0 || patterns.some((pattern) => fitsPattern(name, pattern));
}
