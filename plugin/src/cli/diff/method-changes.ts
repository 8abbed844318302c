import { DEFAULT_MAX_MESSAGE_BYTES } from "@accord-grpc/runtime/contract";
import { cacheWords } from "../../emit/docs/cache-words.js";
import { duration } from "../../emit/docs/duration.js";
import { logPolicyWords } from "../../emit/docs/log-policy-words.js";
import type { ExplainedLogField, ExplainedMethod } from "../explain/explanation.js";
import { bytes } from "../explain/method-words.js";
import type { DiffEntry } from "./diff-entry.js";
import { listed } from "./error-changes.js";

/** What changed of a method that both versions have, a sentence each. */
export function methodChanges(was: ExplainedMethod, is: ExplainedMethod): DiffEntry[] {
  return [
    ...raiseChanges(was, is),
    ...[
      ...timeChanges(was, is),
      ...resendChanges(was, is),
      ...resumeChanges(was, is),
      ...sizeChanges(was, is),
      ...authChanges(was, is),
      ...cacheChanges(was, is),
      ...promiseChanges(was, is),
      ...logChanges(was, is),
    ].map((text): DiffEntry => ({ effect: "differs", text })),
  ];
}

function raiseChanges(was: ExplainedMethod, is: ExplainedMethod): DiffEntry[] {
  const added = is.raises.filter(({ code }) => !was.raises.some((error) => error.code === code));
  const removed = was.raises.filter(({ code }) => !is.raises.some((error) => error.code === code));
  return [
    ...added.map(({ code, status, message }): DiffEntry => {
      return { effect: "new", text: `It can fail with \`${code}\` (${status}) too: “${message}”.` };
    }),
    ...removed.map(({ code }): DiffEntry => ({ effect: "gone", text: `It no longer fails with \`${code}\`.` })),
  ];
}

function timeChanges(was: ExplainedMethod, is: ExplainedMethod): string[] {
  const changes: string[] = [];
  if (was.timeoutMs !== is.timeoutMs) {
    const before = was.timeoutMs === null ? "each caller said how long to wait" : duration(was.timeoutMs);
    changes.push(
      is.timeoutMs === null
        ? `Each caller has to say how long it waits: the ${before} that held for those who didn't are gone.`
        : `A call gives up after ${duration(is.timeoutMs)}, unless its caller says otherwise. Before: ${before}.`,
    );
  }
  if (was.maxTimeoutMs !== is.maxTimeoutMs) {
    const before = was.maxTimeoutMs === null ? "whatever the caller asked for" : duration(was.maxTimeoutMs);
    const now = is.maxTimeoutMs === null ? "whatever the caller asks for" : `${duration(is.maxTimeoutMs)} at most`;
    changes.push(`The server works on a call for ${now}. Before: ${before}.`);
  }
  if (was.waitForReady !== is.waitForReady) {
    changes.push(
      is.waitForReady
        ? "While there is no connection, a call waits for one."
        : "While there is no connection, a call fails at once instead of waiting for one.",
    );
  }
  return changes;
}

function resendChanges({ resend: was }: ExplainedMethod, { resend: is }: ExplainedMethod): string[] {
  if (was.kind === is.kind && JSON.stringify([was.attempts, was.codes]) === JSON.stringify([is.attempts, is.codes])) {
    return [];
  }
  const words = (resend: ExplainedMethod["resend"]): string => {
    const count = resend.attempts.length;
    const waits = `waits of ${duration(resend.worstCaseWaitMs)} at most in all`;
    return {
      none: "it is sent once",
      retry: `it is tried up to ${count} times after ${resend.codes.join(", ")}, with ${waits}`,
      hedge: `up to ${count} copies of it are under way at once`,
    }[resend.kind];
  };
  return [`When a call fails, ${words(is)}. Before: ${words(was)}.`];
}

function resumeChanges({ resume: was }: ExplainedMethod, { resume: is }: ExplainedMethod): string[] {
  if (JSON.stringify(was) === JSON.stringify(is)) {
    return [];
  }
  const words = (resume: ExplainedMethod["resume"]): string =>
    resume === null
      ? "it fails"
      : `it goes on behind its last \`${resume.from}\` after ${resume.codes.join(", ")}, in up to ${resume.maxAttempts} attempts`;
  return [`When a stream breaks, ${words(is)}. Before: ${words(was)}.`];
}

function sizeChanges(was: ExplainedMethod, is: ExplainedMethod): string[] {
  const changes: string[] = [];
  for (const [what, key] of [
    ["request", "maxRequestBytes"],
    ["response", "maxResponseBytes"],
  ] as const) {
    const [before, now] = [was[key] ?? DEFAULT_MAX_MESSAGE_BYTES, is[key] ?? DEFAULT_MAX_MESSAGE_BYTES];
    if (before !== now) {
      changes.push(`A ${what} may have ${bytes(now)}. Before: ${bytes(before)}.`);
    }
  }
  return changes;
}

const REQUIREMENTS = {
  none: "Anybody may call.",
  optional: "Callers may say who they are.",
  required: "Callers have to say who they are.",
} as const;

function authChanges({ auth: was }: ExplainedMethod, { auth: is }: ExplainedMethod): string[] {
  const changes: string[] = [];
  if (was.requirement !== is.requirement) {
    changes.push(
      `${REQUIREMENTS[is.requirement]} Before: ${REQUIREMENTS[was.requirement].toLowerCase().slice(0, -1)}.`,
    );
  }
  const added = is.scopes.filter((scope) => !was.scopes.includes(scope));
  const removed = was.scopes.filter((scope) => !is.scopes.includes(scope));
  if (added.length > 0) {
    changes.push(`Callers need ${listed(added)} too.`);
  }
  if (removed.length > 0) {
    changes.push(`Callers no longer need ${listed(removed)}.`);
  }
  return changes;
}

function cacheChanges({ cache: was }: ExplainedMethod, { cache: is }: ExplainedMethod): string[] {
  const [before, now] = [was, is].map((cache) => (cache === null ? "by nobody" : `by ${cacheWords(cache)}`));
  return before === now ? [] : [`Answers to calls by GET are kept ${now}. Before: ${before}.`];
}

function promiseChanges(was: ExplainedMethod, is: ExplainedMethod): string[] {
  const changes: string[] = [];
  if (was.idempotency !== is.idempotency) {
    const words = {
      unknown: "A repetition may do its work twice",
      idempotent: "A repetition changes nothing",
      no_side_effects: "It only reads",
    };
    changes.push(`${words[is.idempotency]}. Before: ${words[was.idempotency].toLowerCase()}.`);
  }
  if (was.idempotencyKey !== is.idempotencyKey) {
    changes.push(
      is.idempotencyKey === null
        ? `Clients no longer fill in \`${was.idempotencyKey}\`, by which repetitions are recognised.`
        : `Clients fill in \`${is.idempotencyKey}\` where it is empty, so that repetitions are recognised.`,
    );
  }
  if (was.deprecated !== is.deprecated) {
    changes.push(is.deprecated ? "It is deprecated: new code should not call it." : "It is no longer deprecated.");
  }
  for (const [what, before, now] of [
    ["takes", was.request, is.request],
    ["answers with", was.response, is.response],
  ]) {
    if (before !== now) {
      changes.push(`It ${what} a \`${now}\` instead of a \`${before}\`.`);
    }
  }
  return changes;
}

function logChanges(was: ExplainedMethod, is: ExplainedMethod): string[] {
  const [before, now] = [was, is].map(
    ({ logPolicy }) => logPolicyWords(logPolicy).join("; ") || "two lines of every call, with payloads",
  );
  return [
    ...logged("request", was.requestLog, is.requestLog),
    ...logged("response", was.responseLog, is.responseLog),
    ...(before === now ? [] : [`The log has ${now}. Before: ${before}.`]),
  ];
}

const MASKS = {
  none: "as it is",
  last4: "by its last 4 characters",
  hash: "by its hash",
  length: "by its length",
} as const;

function logged(of: string, was: readonly ExplainedLogField[], is: readonly ExplainedLogField[]): string[] {
  const changes: string[] = [];
  for (const { path, key, mask } of is) {
    const before = was.find((field) => field.path === path);
    if (before === undefined) {
      changes.push(`The log shows the ${of}'s \`${path}\` ${MASKS[mask]}, as \`${key}\`.`);
    } else {
      if (before.mask !== mask) {
        changes.push(`The log shows the ${of}'s \`${path}\` ${MASKS[mask]}. Before: ${MASKS[before.mask]}.`);
      }
      if (before.key !== key) {
        changes.push(`In the log, the ${of}'s \`${path}\` is called \`${key}\` instead of \`${before.key}\`.`);
      }
    }
  }
  const gone = was.filter(({ path }) => !is.some((field) => field.path === path));
  return [...changes, ...gone.map(({ path }) => `The log no longer shows the ${of}'s \`${path}\`.`)];
}
