import { Mask } from "../read/options.js";
import type { EffectiveCall, ResendChoice } from "../resolve/call-policy.js";
import { durationMs } from "../resolve/duration.js";
import type { LogEntry } from "../resolve/log-fields.js";
import type { ResolvedMethod } from "../resolve/resolved-contract.js";
import { resumeFields } from "../resolve/resume.js";
import {
  DEFAULT_RETRY,
  hedgeNumbers,
  type RetryNumbers,
  retryNumbers,
  worstCaseBackoffMs,
} from "../resolve/retry-policy.js";
import { statusName } from "../resolve/status.js";
import { byNumber, type ErrorModels } from "./build-errors.js";
import type {
  CacheModel,
  CallModel,
  ErrorModel,
  LogFieldModel,
  MaskName,
  MethodModel,
  MethodNames,
  ResendModel,
  ResumeModel,
  RetryModel,
} from "./model.js";

/** Makes the model of a method, its service's defaults included. */
export function buildMethod(
  method: ResolvedMethod,
  names: MethodNames,
  errors: ErrorModels,
  { refusal, checksResponses }: Pick<MethodModel, "refusal" | "checksResponses">,
): MethodModel {
  const { desc } = method.raw;
  const streamsRequests = desc.methodKind === "client_streaming" || desc.methodKind === "bidi_streaming";
  return {
    method: desc,
    kind: desc.methodKind,
    names,
    raises: raisedErrors(method, errors, refusal),
    call: { ...buildCall(method.call), ...(desc.methodKind === "unary" ? {} : { resend: { kind: "none" } }) },
    requestLog: method.log.request.flatMap(logField),
    responseLog: method.log.response.flatMap(logField),
    redact: method.log.redact,
    logPolicy: method.logPolicy,
    auth: method.auth,
    cache: buildCache(method),
    // Each message of a stream would need a key of its own: that is the caller's business.
    idempotencyKey: streamsRequests ? undefined : method.idempotencyKey,
    idempotency: IDEMPOTENCY[desc.idempotency],
    resume: buildResume(method),
    refusal,
    checksResponses,
  };
}

function buildCache({ raw }: ResolvedMethod): CacheModel | undefined {
  const { cache } = raw.options;
  const ms = cache && durationMs(cache.maxAge);
  return cache === undefined || ms === undefined ? undefined : { maxAgeSeconds: ms / 1000, shared: cache.shared };
}

function buildResume(method: ResolvedMethod): ResumeModel | undefined {
  const fields = resumeFields(method);
  if (fields === undefined) {
    return undefined;
  }
  const choice = method.call.resend?.value;
  return { ...fields, retry: retryModel(choice?.kind === "retry" ? retryNumbers(choice.policy) : DEFAULT_RETRY) };
}

// By the numbers of google.protobuf.MethodOptions.IdempotencyLevel.
const IDEMPOTENCY = { 0: "unknown", 1: "no_side_effects", 2: "idempotent" } as const;

function raisedErrors(method: ResolvedMethod, errors: ErrorModels, refusal: ErrorModel | undefined): ErrorModel[] {
  const raised = new Set<ErrorModel>(refusal === undefined ? [] : [refusal]);
  for (const { error } of [...method.service.raises, ...method.raises]) {
    const model = error === undefined ? undefined : errors.get(error);
    if (model !== undefined) {
      raised.add(model);
    }
  }
  return [...raised].sort((a, b) => (a.package === b.package ? byNumber(a, b) : a.package < b.package ? -1 : 1));
}

function buildCall(call: EffectiveCall): CallModel {
  return {
    timeoutMs: call.timeout === undefined ? undefined : durationMs(call.timeout.value),
    maxTimeoutMs: call.maxTimeout === undefined ? undefined : durationMs(call.maxTimeout.value),
    resend: buildResend(call.resend?.value),
    waitForReady: call.waitForReady?.value,
    maxRequestBytes: call.maxRequestBytes?.value,
    maxResponseBytes: call.maxResponseBytes?.value,
    compress: call.compress?.value ?? false,
  };
}

function buildResend(choice: ResendChoice | undefined): ResendModel {
  switch (choice?.kind) {
    case "retry":
      return { kind: "retry", ...retryModel(retryNumbers(choice.policy)) };
    case "hedge": {
      const numbers = hedgeNumbers(choice.policy);
      return { kind: "hedge", ...numbers, nonFatalCodes: numbers.nonFatalCodes.map(statusName) };
    }
    default:
      return { kind: "none" };
  }
}

function retryModel(numbers: RetryNumbers): RetryModel {
  return { ...numbers, codes: numbers.codes.map(statusName), worstCaseBackoffMs: worstCaseBackoffMs(numbers) };
}

const MASKS: Readonly<Record<Mask, MaskName>> = {
  [Mask.UNSPECIFIED]: "none",
  [Mask.DROP]: "drop",
  [Mask.HASH]: "hash",
  [Mask.LAST4]: "last4",
  [Mask.LENGTH]: "length",
};

function logField({ key, fields, mask }: LogEntry): LogFieldModel[] {
  const name = MASKS[mask];
  return name === "drop" ? [] : [{ key, path: fields, mask: name }];
}
