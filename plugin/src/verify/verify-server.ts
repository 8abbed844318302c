import { Caller } from "./caller.js";
import { UnreachableError } from "./connection.js";
import { verifyDrain } from "./drain.js";
import { Findings, type VerifyFinding } from "./finding.js";
import { callMethod } from "./method-calls.js";
import { checkHealth, checkUnknownMethod, type Probing, probeDeadlines, probeLimits } from "./probes.js";
import { SampleMessages } from "./sample-message.js";
import type { VerifyMethod } from "./verify-method.js";
import type { VerifyOptions } from "./verify-options.js";

/** What became of a method. */
export interface MethodReport {
  readonly service: string;
  readonly method: string;
  /** The calls that reached it, or should have. */
  readonly calls: number;
  /** Why it wasn't called. */
  readonly notCalled: string | undefined;
}

/** What was found out of a server. */
export interface VerifyReport {
  readonly methods: readonly MethodReport[];
  readonly findings: readonly VerifyFinding[];
  /** What couldn't be judged, and why. */
  readonly notes: readonly string[];
  readonly drained: boolean;
}

/**
 * Judges a running server by its contract.
 *
 * It speaks HTTP/2 by hand: a gRPC library would decompress, decode, and make a status of whatever came, and what is looked for
 * wouldn't be seen.
 *
 * @throws UnreachableError if nothing speaks HTTP/2 at the target. A server that goes away later is a finding.
 */
export async function verifyServer(options: VerifyOptions): Promise<VerifyReport> {
  const findings = new Findings(options.ignored);
  const caller = await Caller.connect(options.target, options.metadata);
  const notes: string[] = [];
  const reports: MethodReport[] = [];
  const samples = new SampleMessages();
  const probing: Probing = { caller, findings, notes, samples };
  try {
    await verifyCalls(options, probing, reports);
    if (options.pid !== undefined) {
      await verifyDrain(options.pid, options, probing);
    }
  } catch (error) {
    if (!(error instanceof UnreachableError)) {
      throw error;
    }
    findings.add("STREAM_RESET", undefined, `the server can't be reached any more: ${error.message}`);
  } finally {
    caller.close();
  }
  return { methods: reports, findings: findings.all, notes, drained: options.pid !== undefined };
}

async function verifyCalls(options: VerifyOptions, probing: Probing, reports: MethodReport[]): Promise<void> {
  const { methods } = options;
  const services = [...new Set(methods.map(({ service }) => service))];
  for (const service of services.slice(0, 1)) {
    await checkUnknownMethod(service, probing);
  }
  for (const service of options.health ? services : []) {
    await checkHealth(service, probing);
  }
  const present: VerifyMethod[] = [];
  for (const method of methods) {
    if (!isProbed(method, options) || (await probeLimits(method, probing))) {
      present.push(method);
    }
  }
  await probeDeadlines(
    present.filter((method) => isProbed(method, options)),
    probing,
  );
  for (const method of methods) {
    const name = method.model.method.name;
    const notCalled = !present.includes(method)
      ? "it isn't served"
      : isCalled(method, options)
        ? undefined
        : `it may have side effects (--call ${name})`;
    const calls = notCalled === undefined ? await callMethod(method, options, probing) : 0;
    reports.push({ service: method.service, method: name, calls, notCalled });
  }
}

/** Whether a method may be called with requests that mean something. */
function isCalled(method: VerifyMethod, { called }: VerifyOptions): boolean {
  return method.model.idempotency === "no_side_effects" || called.has(method);
}

/**
 * Whether a method may be called with what isn't a request: that never reaches a method that takes one request. One that takes a stream
 * begins before there is any.
 */
function isProbed(method: VerifyMethod, options: VerifyOptions): boolean {
  return !method.streamsRequests || isCalled(method, options);
}
