import { Status } from "../../read/options.js";
import type { ResendChoice, Sourced } from "../../resolve/call-policy.js";
import { durationMs, renderDuration } from "../../resolve/duration.js";
import {
  backoffs,
  type HedgeNumbers,
  hedgeNumbers,
  isAttempts,
  JITTER,
  type RetryNumbers,
  retryNumbers,
  worstCaseBackoffMs,
} from "../../resolve/retry-policy.js";
import { type PolicyScope, policyScopes } from "../elements.js";
import { type CheckContext, defineRules, type Report } from "../rule.js";
import { capitalized, counted } from "../wording.js";

/** Rules on what sending a call again does to its method. */
export const RESEND_RULES = defineRules({
  RETRY_STREAM: {
    severity: "error",
    waivable: false,
    description: "A streaming method is retried or hedged.",
    check: checkStream,
  },
  RETRY_UNSAFE: {
    severity: "error or warning",
    waivable: true,
    description:
      "A method is sent again, though neither its `idempotency_level` nor an `idempotency_key` makes that safe: a warning for retries on `UNAVAILABLE` alone.",
    check: checkUnsafe,
  },
  RETRY_BUDGET: {
    severity: "error",
    waivable: true,
    description: "The waits between the attempts take as long as the timeout, or longer.",
    check: checkBudget,
  },
  RETRY_BUFFER: {
    severity: "error",
    waivable: true,
    description:
      "`max_request_bytes` of a method that is sent again is over the 1 MiB that clients keep for another attempt.",
    check: checkBuffer,
  },
});

function checkStream({ contract }: CheckContext, report: Report): void {
  for (const { method, call } of policyScopes(contract)) {
    const resend = call.resend;
    if (method === undefined || method.raw.desc.methodKind === "unary" || resend?.own !== true) {
      continue;
    }
    const { kind } = resend.value;
    const isResumed = method.raw.options.resume !== undefined && kind !== "hedge";
    if (kind !== "none" && !isResumed) {
      const what = kind === "hedge" ? "hedged" : "retried";
      report(
        resend.place,
        `${method.raw.desc.name} streams and can't be ${what}: gRPC could send it again only until its first response. Remove the policy, and let the caller resume the stream, or the client by \`resume\`.`,
      );
    }
  }
}

function checkUnsafe({ contract }: CheckContext, report: Report): void {
  for (const { method, call, place, service } of policyScopes(contract)) {
    const resend = call.resend;
    if (method === undefined || resend === undefined || method.raw.desc.methodKind !== "unary") {
      continue;
    }
    const isSafe = method.raw.desc.idempotency !== 0 || method.idempotencyKey !== undefined;
    if (isSafe || (resend.value.kind !== "retry" && resend.value.kind !== "hedge")) {
      continue;
    }
    const by = resend.own ? "" : ` by the defaults of ${service.raw.desc.name}`;
    const how = resend.value.kind === "hedge" ? "hedged" : "retried";
    const isMild =
      resend.value.kind === "retry" &&
      retryNumbers(resend.value.policy).codes.every((code) => code === Status.UNAVAILABLE);
    report(
      resend.own ? resend.place : place,
      `${method.raw.desc.name} is ${how}${by}, so a request may be executed twice. Set \`option idempotency_level = IDEMPOTENT;\` (or NO_SIDE_EFFECTS) if that does no harm, mark a field of ${method.raw.desc.input.name} as idempotency_key, or set \`no_resend: true\`.`,
      isMild ? "warning" : "error",
    );
  }
}

/** What is said by two values that only one place has to answer for: the method, if either is its own. */
function isOwn(scope: PolicyScope, ...values: readonly Sourced<unknown>[]): boolean {
  return scope.method === undefined || values.some((value) => value.own);
}

function checkBudget({ contract }: CheckContext, report: Report): void {
  for (const scope of policyScopes(contract)) {
    const { timeout, resend } = scope.call;
    const timeoutMs = timeout === undefined ? undefined : durationMs(timeout.value);
    if (timeout === undefined || timeoutMs === undefined || resend === undefined || !isOwn(scope, timeout, resend)) {
      continue;
    }
    if (scope.method !== undefined && scope.method.raw.desc.methodKind !== "unary") {
      continue;
    }
    const budget = budgetOf(resend.value);
    if (budget !== undefined && budget.ms >= timeoutMs) {
      report(
        resend.own ? resend.place : timeout.place,
        `${capitalized(scope.label)}: ${budget.arithmetic}, which isn't below the timeout of ${renderDuration(timeoutMs)}: the last attempts would never be sent. Raise the timeout, or lower ${budget.remedy}.`,
      );
    }
  }
}

interface Budget {
  readonly ms: number;
  readonly arithmetic: string;
  readonly remedy: string;
}

function budgetOf(choice: ResendChoice): Budget | undefined {
  if (choice.kind === "retry") {
    const numbers = retryNumbers(choice.policy);
    return isAttempts(numbers.maxAttempts) ? retryBudget(numbers) : undefined;
  }
  if (choice.kind === "hedge") {
    const numbers = hedgeNumbers(choice.policy);
    return isAttempts(numbers.maxAttempts) && numbers.delayMs > 0 ? hedgeBudget(numbers) : undefined;
  }
  return undefined;
}

function retryBudget(numbers: RetryNumbers): Budget {
  const ms = worstCaseBackoffMs(numbers);
  const waits = backoffs(numbers).map(renderDuration);
  const sum = waits.length === 1 ? waits[0] : `(${waits.join(" + ")})`;
  return {
    ms,
    arithmetic: `${counted(waits.length, "wait")} between ${numbers.maxAttempts} attempts can take ${JITTER} × ${sum} = ${renderDuration(ms)}`,
    remedy: "max_attempts or the backoff",
  };
}

function hedgeBudget({ maxAttempts, delayMs }: HedgeNumbers): Budget {
  const waits = maxAttempts - 1;
  const ms = waits * delayMs;
  return {
    ms,
    arithmetic: `the last of ${maxAttempts} copies is sent after ${waits} × ${renderDuration(delayMs)} = ${renderDuration(ms)}`,
    remedy: "max_attempts or the delay",
  };
}

/** What grpc-js keeps of one call to send it again. */
const RETRY_BUFFER_BYTES = 1_048_576;

function checkBuffer({ contract }: CheckContext, report: Report): void {
  for (const scope of policyScopes(contract)) {
    const { maxRequestBytes: size, resend } = scope.call;
    if (size === undefined || resend === undefined || size.value <= RETRY_BUFFER_BYTES || !isOwn(scope, size, resend)) {
      continue;
    }
    if (resend.value.kind === "retry" || resend.value.kind === "hedge") {
      report(
        size.own ? size.place : resend.place,
        `${capitalized(scope.label)}: requests of up to ${size.value} bytes are allowed, but a client keeps at most ${RETRY_BUFFER_BYTES} bytes (1 MiB) to send a call again: larger ones get a single attempt. Lower max_request_bytes, or set \`no_resend: true\`.`,
      );
    }
  }
}
