import { Status } from "@accord-grpc/runtime/contract";
import { type Answer, answerStatus, endedWith, endText } from "./answer.js";
import { checkWire, type Tell, telling } from "./answer-checks.js";
import type { Caller } from "./caller.js";
import type { Findings } from "./finding.js";
import { HEALTH_PATH, healthRequest, servingStatus } from "./health-probe.js";
import type { SampleMessages } from "./sample-message.js";
import type { VerifyMethod } from "./verify-method.js";

/** What is at hand while a server is judged. */
export interface Probing {
  readonly caller: Caller;
  readonly findings: Findings;
  readonly notes: string[];
  readonly samples: SampleMessages;
}

/** How long after its deadline an end is waited for: machines are busy, and the answer travels. */
export const LATE_MS = 2_000;
const PROBE_MS = 10_000;
const HELD_TIMEOUT_MS = 300;
const LARGEST_PROBE = 64 * 1024 * 1024;
// A tag of wire type 7, which there isn't: nothing decodes it.
const NONSENSE = 0x07;

/** A method that nobody has is UNIMPLEMENTED. */
export async function checkUnknownMethod(service: string, { caller, findings }: Probing): Promise<void> {
  const tell = telling(findings, undefined, `/${service}/AccordVerifyUnknown`);
  const path = `/${service}/AccordVerifyUnknown`;
  const answer = await caller.call({ path, messages: [new Uint8Array()], patienceMs: PROBE_MS });
  checkWire(answer, tell);
  if (answer.end === "silent" || (answerStatus(answer) !== undefined && !endedWith(answer, "UNIMPLEMENTED"))) {
    tell("UNKNOWN_METHOD_ANSWERED", `an unknown method of ${service} ended with ${endText(answer)}`);
  }
}

/** The health service knows a service by its full name, and says that it serves. */
export async function checkHealth(service: string, { caller, findings }: Probing): Promise<void> {
  const tell = telling(findings, service, `${HEALTH_PATH} {"service":"${service}"}`);
  const answer = await caller.call({
    path: HEALTH_PATH,
    messages: [healthRequest(service)],
    patienceMs: PROBE_MS,
  });
  checkWire(answer, tell);
  if (endedWith(answer, "OK")) {
    const status = servingStatus(answer);
    if (status !== "SERVING") {
      tell("HEALTH_NOT_SERVING", `its health is ${status ?? "unreadable"}`);
    }
  } else if (answerStatus(answer) !== undefined || answer.end === "silent") {
    tell("HEALTH_MISSING", `asked for its health, the server answers ${endText(answer)}`);
  }
}

/**
 * Whether a method is there, and keeps to its limit: what is sent decodes to nothing, so the method never runs.
 *
 * @returns whether it is there
 */
export async function probeLimits(method: VerifyMethod, { caller, findings, notes }: Probing): Promise<boolean> {
  const { path, subject, maxRequestBytes: limit } = method;
  if (limit > LARGEST_PROBE) {
    notes.push(`${subject}: its limit of ${limit} bytes isn't tried.`);
  }
  const send = (bytes: number) =>
    caller.call({ path, messages: [Buffer.alloc(bytes, NONSENSE)], patienceMs: PROBE_MS });
  const within = Math.max(1, Math.min(limit, LARGEST_PROBE));
  const tell = telling(findings, subject, `${within} bytes that are no message`);
  const answer = await send(within);
  checkWire(answer, tell);
  if (endedWith(answer, "UNIMPLEMENTED")) {
    tell("METHOD_MISSING", `the server answers ${endText(answer)}`);
    return false;
  }
  if (endedWith(answer, "RESOURCE_EXHAUSTED")) {
    tell(
      "REQUEST_LIMIT_TOO_LOW",
      `a request of ${within} bytes is refused with ${endText(answer)}, and its limit is ${limit}`,
    );
  }
  if (limit <= LARGEST_PROBE) {
    checkRefusal(await send(limit + 1), limit, telling(findings, subject, `${limit + 1} bytes that are no message`));
  }
  return true;
}

function checkRefusal(answer: Answer, limit: number, tell: Tell): void {
  checkWire(answer, tell);
  const status = answerStatus(answer);
  const isRefused = status === Status.RESOURCE_EXHAUSTED || isForbidden(answer);
  if (!isRefused && answer.end !== "broken") {
    tell(
      "REQUEST_LIMIT_IGNORED",
      `a request of ${limit + 1} bytes isn't refused: it ended with ${endText(answer)}, and the limit is ${limit}`,
    );
  }
}

/** Whether the caller was sent away before anything was looked at. */
export function isForbidden(answer: Answer): boolean {
  return endedWith(answer, "UNAUTHENTICATED") || endedWith(answer, "PERMISSION_DENIED");
}

/** Calls whose request never comes, all at once: they are over at their deadline. */
export async function probeDeadlines(methods: readonly VerifyMethod[], { caller, findings }: Probing): Promise<void> {
  await Promise.all(
    methods.map(async ({ path, subject, streamsRequests }) => {
      const what = streamsRequests ? "a stream without requests" : "a request that doesn't come";
      const tell = telling(findings, subject, `${what}, with a deadline of ${HELD_TIMEOUT_MS} ms`);
      const answer = await caller.call({
        path,
        messages: [],
        open: true,
        timeoutMs: HELD_TIMEOUT_MS,
        patienceMs: HELD_TIMEOUT_MS + LATE_MS,
      });
      if (answer.end === "silent") {
        tell(
          "DEADLINE_IGNORED",
          `${LATE_MS / 1000} s after its deadline, a call whose request doesn't come has no end`,
        );
      } else if (answer.end === "ended") {
        checkWire(answer, tell);
      }
    }),
  );
}
