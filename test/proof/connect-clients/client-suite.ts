import { join } from "node:path";
import { fitsPattern } from "../case-pattern.js";
import { type CommandOutcome, start } from "../command.js";
import { PROOF } from "../folders.js";
import { bundle, generate } from "../programs.js";
import type { CaseResult, Suite, SuiteRequest, SuiteRun } from "../suite.js";

/** The name of the protos, as {@link generate} has it. */
export const PROTOS = "connect-clients";

/** A way to call: gRPC isn't spoken over HTTP/1.1. */
export interface Wire {
  readonly protocol: "connect" | "grpcweb" | "grpc";
  readonly http: "h1" | "h2c";
}

const WIRES: readonly Wire[] = [
  { protocol: "connect", http: "h1" },
  { protocol: "connect", http: "h2c" },
  { protocol: "grpcweb", http: "h1" },
  { protocol: "grpcweb", http: "h2c" },
  { protocol: "grpc", http: "h2c" },
];

/** A client of Connect's in another language. */
export interface ForeignClient {
  /** As the command line names its suite: `connect-go`. */
  readonly name: string;
  readonly source: string;
  /** Of the package that is run: `connectrpc 0.13.0`. */
  readonly version: string;
  /**
   * Builds it.
   *
   * @returns runs all cases over one way to call; each line that it prints is a case
   * @throws {NotRun} if something that it needs can't be had
   */
  prepare(): Promise<(baseUrl: string, wire: Wire) => Promise<CommandOutcome>>;
}

/** A client's suite: the same cases over all protocols, against one server. */
export function clientSuite(client: ForeignClient): Suite {
  return {
    name: client.name,
    title: `${client.name}: Connect, gRPC-Web and gRPC, HTTP/1.1 and 2, our server`,
    source: client.source,
    quick: true,
    knownFailures: "connect-clients/known-failures.txt",
    scope: client.name,
    run: (request) => runClient(client, request),
  };
}

async function runClient(client: ForeignClient, { patterns, verbose }: SuiteRequest): Promise<SuiteRun> {
  await generate(PROTOS, { folders: [join(PROOF, "connect-clients/proto")] });
  const call = await client.prepare();
  const server = start(process.execPath, [await bundle("connect-clients/server.ts")], { shown: verbose });
  try {
    const [, port] = await server.line(/listening on (\d+)/);
    const cases: CaseResult[] = [];
    for (const wire of WIRES) {
      const prefix = `${client.name}/${wire.http}/${wire.protocol}`;
      cases.push(...casesOf(prefix, await call(`http://127.0.0.1:${port}`, wire)));
    }
    const isAsked = ({ name }: CaseResult) => patterns.some((pattern) => fitsPattern(name, pattern));
    return {
      version: client.version,
      cases: patterns.length === 0 ? cases : cases.filter(isAsked),
    };
  } finally {
    await server.stop();
  }
}

function casesOf(prefix: string, { code, stdout, stderr }: CommandOutcome): readonly CaseResult[] {
  const cases = stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as CaseResult)
    .map((each) => ({ ...each, name: `${prefix}/${each.name}` }));
  // What ends early leaves cases out, which nobody would miss.
  return code === 0 ? cases : [...cases, { name: `${prefix}/ends`, outcome: "failed", message: stderr.slice(-500) }];
}
