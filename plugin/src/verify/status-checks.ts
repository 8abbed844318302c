import { type Status, type StatusName, statusName } from "@accord-grpc/runtime/contract";
import type { ContractModel, ErrorModel } from "../model/model.js";
import { type Answer, answerStatus, endText } from "./answer.js";
import type { Tell } from "./answer-checks.js";
import { type StatusDetails, statusDetails } from "./status-details.js";
import type { VerifyMethod } from "./verify-method.js";

const PUSHBACK = "grpc-retry-pushback-ms";
// A server's clock and ours tick apart.
const EARLY_MS = 50;

/**
 * Checks how a call ended that reached its method: with OK, by a declared error as the contract has it, or by what the server may say
 * in its own name, such as that the caller isn't known.
 */
export function checkStatus(
  answer: Answer,
  method: VerifyMethod,
  contract: ContractModel,
  timeoutMs: number | undefined,
  tell: Tell,
): void {
  const status = answerStatus(answer);
  if (status === undefined) {
    return;
  }
  const details = statusDetails(answer);
  if (details === "undecodable") {
    tell("STATUS_DETAILS_WRONG", "grpc-status-details-bin is no google.rpc.Status");
  } else if (details !== undefined && details.status.code !== status) {
    const inside = statusName(details.status.code as Status);
    tell("STATUS_DETAILS_WRONG", `grpc-status is ${statusName(status)}, and grpc-status-details-bin says ${inside}`);
  }
  if (status === 0) {
    return;
  }
  const known = details === "undecodable" ? undefined : details;
  if (known?.info !== undefined) {
    checkDeclared(answer, status, known, method, contract, tell);
  } else if (!isServersOwn(answer, statusName(status), method, timeoutMs)) {
    tellUndeclared(answer, statusName(status), method, tell);
  }
}

/** What a server, or its library, may answer whatever the method declares. */
function isServersOwn(
  answer: Answer,
  name: StatusName,
  { model: { auth } }: VerifyMethod,
  timeoutMs: number | undefined,
): boolean {
  switch (name) {
    case "DEADLINE_EXCEEDED":
    case "CANCELLED":
      return timeoutMs !== undefined && answer.elapsedMs + EARLY_MS >= timeoutMs;
    case "UNAUTHENTICATED":
    case "PERMISSION_DENIED":
      return auth.requirement !== "none";
    case "UNAVAILABLE":
      // A server that has no room says when to come again: it hasn't begun.
      return answer.trailers?.[PUSHBACK] !== undefined;
    default:
      return false;
  }
}

function tellUndeclared(answer: Answer, name: StatusName, method: VerifyMethod, tell: Tell): void {
  const ofStatus = [...method.raises.values()].filter(({ status }) => status === name).map(({ code }) => code);
  if (name === "UNIMPLEMENTED") {
    tell("METHOD_MISSING", `the call ended with ${endText(answer)}`);
  } else if (ofStatus.length > 0) {
    tell(
      "ERROR_INFO_MISSING",
      `${endText(answer)} came without ErrorInfo; of this status are declared: ${ofStatus.join(", ")}`,
    );
  } else if (method.resent.includes(name)) {
    tell("RETRIABLE_EXECUTED", `${endText(answer)} isn't declared, and clients send the call again for it`);
  } else {
    const declared = [...method.raises.keys()];
    tell(
      "STATUS_UNDECLARED",
      `${endText(answer)}; declared are: ${declared.length === 0 ? "none" : declared.join(", ")}`,
    );
  }
}

function checkDeclared(
  answer: Answer,
  status: Status,
  details: StatusDetails,
  method: VerifyMethod,
  contract: ContractModel,
  tell: Tell,
): void {
  const { reason = "", domain, metadata = {} } = details.info ?? {};
  const error = method.raises.get(reason);
  if (error === undefined) {
    const declared = [...method.raises.keys()].join(", ");
    tell("ERROR_CODE_UNDECLARED", `ErrorInfo.reason is ${JSON.stringify(reason)}; declared are: ${declared || "none"}`);
    return;
  }
  if (statusName(status) !== error.status) {
    tell("ERROR_STATUS_DIFFERS", `${reason} came as ${statusName(status)}, and is declared as ${error.status}`);
  }
  const owner = contract.packages.find(({ name }) => name === error.package);
  if (owner !== undefined && domain !== owner.errorDomain) {
    tell(
      "ERROR_DOMAIN_DIFFERS",
      `the domain of ${reason} is ${JSON.stringify(domain)}, and ${JSON.stringify(owner.errorDomain)} in the contract`,
    );
  }
  checkMetadata(error, metadata, tell);
  const detail = owner?.errorDetail?.typeName;
  if (detail !== undefined && !details.types.includes(detail)) {
    tell("ERROR_DETAIL_MISSING", `${reason} came without a ${detail}`);
  }
  checkPushback(answer, error, details, tell);
}

function checkMetadata(
  { code, metadata: keys }: ErrorModel,
  metadata: Readonly<Record<string, string>>,
  tell: Tell,
): void {
  const missing = keys.filter((key) => !(key in metadata));
  const others = Object.keys(metadata).filter((key) => !keys.includes(key));
  if (missing.length > 0) {
    tell("ERROR_METADATA_DIFFERS", `the metadata of ${code} lacks ${missing.join(", ")}`);
  }
  if (others.length > 0) {
    tell("ERROR_METADATA_DIFFERS", `the metadata of ${code} has ${others.join(", ")}, which isn't declared`);
  }
}

function checkPushback({ trailers }: Answer, error: ErrorModel, { retryDelayMs }: StatusDetails, tell: Tell): void {
  const { code, retryAfterMs, neverResend } = error;
  const pushback = trailers?.[PUSHBACK];
  const declared = neverResend ? "-1" : retryAfterMs === undefined ? undefined : String(retryAfterMs);
  if (pushback !== declared) {
    tell(
      "ERROR_PUSHBACK_DIFFERS",
      `${PUSHBACK} of ${code} is ${pushback ?? "missing"}, and ${declared ?? "not declared"} in the contract`,
    );
  }
  if (retryDelayMs !== retryAfterMs) {
    const [seen, wanted] = [retryDelayMs, retryAfterMs].map((ms) => (ms === undefined ? undefined : `${ms} ms`));
    tell(
      "ERROR_PUSHBACK_DIFFERS",
      `RetryInfo of ${code} is ${seen ?? "missing"}, and ${wanted ?? "not declared"} in the contract`,
    );
  }
}
