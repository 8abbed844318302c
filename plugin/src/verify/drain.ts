import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { toBinary } from "@bufbuild/protobuf";
import { type Answer, answerStatus, endedWith, endText } from "./answer.js";
import { telling } from "./answer-checks.js";
import { Connection, UnreachableError, type WireCall } from "./connection.js";
import { HEALTH_PATH, healthRequest } from "./health-probe.js";
import type { Probing } from "./probes.js";
import type { VerifyOptions } from "./verify-options.js";

/** A process that can't be told to stop. */
export class ProcessError extends Error {
  override readonly name = "ProcessError";
}

const LONGEST_NOTICE_MS = 10_000;
const SLACK_MS = 2_000;
const POLL_MS = 50;

/**
 * Ends a server's process with SIGTERM while a call is under way, and looks at how it leaves: the call is finished, GOAWAY comes, new
 * connections get nothing, and the process ends within the contract's drain.
 *
 * @throws ProcessError if there is no such process, or it isn't ours to end
 */
export async function verifyDrain(
  pid: number,
  options: VerifyOptions,
  { caller, findings, samples }: Probing,
): Promise<void> {
  const call = harmlessCall(options, samples);
  const tell = telling(findings, undefined, `SIGTERM to ${pid}, while ${call.path} waits for its request`);
  const drainMs = Math.max(...options.contract.packages.map(({ deployment }) => deployment.drainMs));
  const connection = await Connection.open(caller.target);
  const complete = { ...call, metadata: caller.metadata, patienceMs: drainMs + LONGEST_NOTICE_MS };
  const running = connection.start({ ...complete, messages: [], open: true });
  await connection.roundTrip();
  const started = performance.now();
  terminate(pid);
  const noticed = await Promise.race([
    connection.goaway.then(() => true),
    connection.closed.then(() => false),
    sleep(Math.min(drainMs, LONGEST_NOTICE_MS), false, { ref: false }),
  ]);
  if (!noticed) {
    tell("DRAIN_NO_GOAWAY", "no GOAWAY came after SIGTERM");
  }
  const taken = await callAnew(caller.target, complete);
  if (taken !== undefined && answerStatus(taken) !== undefined && !isRefused(taken)) {
    tell("DRAIN_CALLS_TAKEN", `a call on a new connection ended with ${endText(taken)} after SIGTERM`);
  }
  running.finish(call.messages);
  const answer = await running.answer;
  if (answerStatus(answer) === undefined || isRefused(answer)) {
    tell("DRAIN_CALL_LOST", `a call that was under way ended with ${endText(answer)}`);
  }
  connection.close();
  caller.close();
  while (isRunning(pid)) {
    if (performance.now() - started > drainMs + SLACK_MS) {
      tell(
        "DRAIN_TOO_LONG",
        `the process still runs ${(drainMs + SLACK_MS) / 1000} s after SIGTERM, and the drain is ${drainMs / 1000} s`,
      );
      return;
    }
    await sleep(POLL_MS);
  }
}

/** Whether a call got what a server says that is about to leave. */
function isRefused(answer: Answer): boolean {
  return endedWith(answer, "UNAVAILABLE") || endedWith(answer, "CANCELLED");
}

/** A call that may be made at any time: of a method without side effects, else a health check. */
function harmlessCall(
  { methods, called }: VerifyOptions,
  samples: Probing["samples"],
): Pick<WireCall, "path" | "messages"> {
  const method = methods.find(
    (each) => each.model.kind === "unary" && (each.model.idempotency === "no_side_effects" || called.has(each)),
  );
  if (method === undefined) {
    return { path: HEALTH_PATH, messages: [healthRequest("")] };
  }
  const { input } = method.model.method;
  return { path: method.path, messages: [toBinary(input, samples.lawful(input, method.model.idempotencyKey))] };
}

async function callAnew(target: Probing["caller"]["target"], call: WireCall): Promise<Answer | undefined> {
  try {
    const connection = await Connection.open(target);
    const answer = await connection.call(call);
    connection.close();
    return answer;
  } catch (error) {
    if (error instanceof UnreachableError) {
      return undefined;
    }
    throw error;
  }
}

function terminate(pid: number): void {
  try {
    process.kill(pid, "SIGTERM");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new ProcessError(code === "EPERM" ? `the process ${pid} is somebody else's` : `there is no process ${pid}`);
  }
}

/** Whether a process runs. One that has ended and that nobody has asked after is a zombie, and doesn't. */
function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
  try {
    return !/^\d+ \(.*\) [ZX]/s.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return true;
  }
}
