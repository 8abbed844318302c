import type { OutgoingHttpHeaders } from "node:http2";
import { statusName } from "@accord-grpc/runtime/contract";
import { create, type Message, toBinary } from "@bufbuild/protobuf";
import { type Answer, answerStatus, endedWith, endText, isLateEnd } from "./answer.js";
import { checkMessages, checkWire, type Tell, telling } from "./answer-checks.js";
import { isForbidden, LATE_MS, type Probing } from "./probes.js";
import { requestText } from "./request-text.js";
import { checkStatus } from "./status-checks.js";
import { statusDetails } from "./status-details.js";
import type { VerifyMethod } from "./verify-method.js";
import type { VerifyOptions } from "./verify-options.js";

/** One call to make, and what is expected of it beside the contract. */
interface PlannedCall {
  readonly messages: readonly Message[];
  readonly metadata?: OutgoingHttpHeaders;
  /** `OK`, a status, or an error's code. */
  readonly expect?: string | undefined;
  /** The rule of buf.validate that the request breaks. */
  readonly breaks?: string;
  readonly place?: string;
}

const MOST_UNLAWFUL = 8;
/** A stream may go on for as long as its caller wants. */
const STREAM_MS = 1_500;
/** A longer max_timeout isn't waited for. */
const LONGEST_WAIT_MS = 5_000;

/**
 * Calls a method with requests that mean something: its examples, else what is generated; and what breaks the rules of its request.
 *
 * @returns how many calls were made
 */
export async function callMethod(method: VerifyMethod, options: VerifyOptions, probing: Probing): Promise<number> {
  const calls = plannedCalls(method, options, probing);
  for (const [index, call] of calls.entries()) {
    if (!(await makeCall(method, call, options, probing))) {
      probing.notes.push(`${method.subject}: after a call without an end, the other calls weren't made.`);
      return index + 1;
    }
  }
  const [first] = calls;
  if (first === undefined) {
    return 0;
  }
  await makeCall(method, first, options, probing, "gzip");
  const unnamed = await checkAuth(method, first, options, probing);
  return calls.length + 1 + unnamed;
}

function plannedCalls(
  method: VerifyMethod,
  { examples }: VerifyOptions,
  { samples, notes }: Probing,
): readonly PlannedCall[] {
  const { model, subject } = method;
  const { input } = model.method;
  const own = examples.filter((example) => example.method === method);
  const unlawful =
    model.refusal === undefined
      ? []
      : samples
          .unlawful(input, MOST_UNLAWFUL)
          .map(({ message, rule }): PlannedCall => ({ messages: [message], breaks: rule }));
  if (own.length > 0) {
    return [...own, ...unlawful];
  }
  if (!samples.knowsRulesOf(input)) {
    notes.push(
      `${subject}: rules of its request are written in CEL, so what is generated may break them; examples say more.`,
    );
  }
  const generated = [samples.lawful(input, model.idempotencyKey)];
  const empty = model.refusal === undefined && input.fields.length > 0 ? [create(input)] : [];
  return [...[...generated, ...empty].map((message): PlannedCall => ({ messages: [message] })), ...unlawful];
}

/**
 * @param accepted the encoding that the caller accepts
 * @returns whether the call had an end
 */
async function makeCall(
  method: VerifyMethod,
  call: PlannedCall,
  options: VerifyOptions,
  { caller, findings }: Probing,
  accepted?: string,
): Promise<boolean> {
  const { maxTimeoutMs } = method.model.call;
  // Where the contract has a longest deadline, the caller has none.
  const waitsForMost = maxTimeoutMs !== undefined && maxTimeoutMs <= LONGEST_WAIT_MS;
  const timeoutMs = waitsForMost ? undefined : deadlineOf(method, options);
  const mostMs = waitsForMost ? maxTimeoutMs : (timeoutMs ?? options.timeoutMs);
  const tell = telling(findings, method.subject, callText(method, call, timeoutMs, options));
  const answer = await caller.call({
    path: method.path,
    metadata: call.metadata,
    messages: call.messages.map((message) => toBinary(method.model.method.input, message)),
    timeoutMs,
    acceptEncoding: accepted,
    patienceMs: mostMs + LATE_MS,
  });
  const isLate = answer.elapsedMs >= mostMs;
  if ((answer.end === "silent" && !answer.cut) || (isLate && answer.elapsedMs > mostMs + LATE_MS / 2)) {
    const rule = waitsForMost ? "MAX_TIMEOUT_IGNORED" : "DEADLINE_IGNORED";
    const what = waitsForMost ? "max_timeout" : "deadline";
    tell(
      rule,
      answer.end === "silent"
        ? `${LATE_MS / 1000} s after its ${what} of ${mostMs} ms the call has no end`
        : `the call ended more than a second after its ${what} of ${mostMs} ms`,
    );
  }
  if (!(isLate && answer.end === "broken" && isLateEnd(answer))) {
    checkWire(answer, tell);
  }
  checkMessages(answer, method, accepted, tell);
  checkStatus(answer, method, options.contract, mostMs, tell);
  checkExpectation(answer, call, method, tell);
  return answer.end !== "silent" || answer.cut;
}

function deadlineOf({ model, streamsRequests, streamsResponses }: VerifyMethod, { timeoutMs }: VerifyOptions): number {
  const own = Math.min(timeoutMs, model.call.timeoutMs ?? timeoutMs);
  return streamsRequests || streamsResponses ? Math.min(own, STREAM_MS) : own;
}

function checkExpectation(
  answer: Answer,
  { expect, breaks, place }: PlannedCall,
  method: VerifyMethod,
  tell: Tell,
): void {
  if (breaks !== undefined && endedWith(answer, "OK")) {
    const { code, status } = method.model.refusal ?? { code: "INVALID_REQUEST", status: "INVALID_ARGUMENT" };
    tell("INVALID_REQUEST_TAKEN", `a request that breaks ${breaks} ended with OK rather than ${status} ${code}`);
  }
  if (expect === undefined || answerStatus(answer) === undefined) {
    return;
  }
  const details = statusDetails(answer);
  const reason = details === undefined || details === "undecodable" ? undefined : details.info?.reason;
  const status = statusName(answerStatus(answer) ?? 0);
  // An error without its ErrorInfo may be the expected one: that it is missing is told already.
  const isUnnamed = reason === undefined && method.raises.get(expect)?.status === status;
  if (expect !== reason && expect !== status && !isUnnamed) {
    tell("ANSWER_UNEXPECTED", `${place ?? "an example"} expects ${expect}, and the call ended with ${endText(answer)}`);
  }
}

/** A method that requires to know its caller refuses one that says nothing of itself. */
async function checkAuth(
  method: VerifyMethod,
  call: PlannedCall,
  options: VerifyOptions,
  { caller, findings, notes }: Probing,
): Promise<number> {
  if (method.model.auth.requirement !== "required") {
    return 0;
  }
  const timeoutMs = deadlineOf(method, options);
  const answer = await caller.call({
    path: method.path,
    metadata: { ...call.metadata, authorization: undefined },
    messages: call.messages.map((message) => toBinary(method.model.method.input, message)),
    timeoutMs,
    patienceMs: timeoutMs + LATE_MS,
  });
  const tell = telling(
    findings,
    method.subject,
    `${callText(method, call, timeoutMs, options)}, without authorization`,
  );
  if (answerStatus(answer) !== undefined && !isForbidden(answer)) {
    tell("AUTH_NOT_ASKED", `a call without credentials ended with ${endText(answer)}`);
  }
  if (caller.metadata.authorization === undefined && call.metadata?.authorization === undefined) {
    notes.push(`${method.subject} requires credentials: pass them with --header "authorization: …".`);
  }
  return 1;
}

function callText(
  { model }: VerifyMethod,
  { messages, place }: PlannedCall,
  timeoutMs: number | undefined,
  { registry }: VerifyOptions,
): string {
  const requests = messages.map((message) => requestText(model.method.input, message, model.redact, registry));
  const deadline = timeoutMs === undefined ? "without a deadline" : `with a deadline of ${timeoutMs} ms`;
  return `${requests.join(" ")} ${deadline}${place === undefined ? "" : ` (${place})`}`;
}
