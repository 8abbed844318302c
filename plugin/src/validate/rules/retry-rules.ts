import { Status } from "../../read/options.js";
import { durationMs, renderDuration } from "../../resolve/duration.js";
import { ATTEMPTS, isAttempts, retryNumbers } from "../../resolve/retry-policy.js";
import { statusName } from "../../resolve/status.js";
import { annotatedServices, policyScopes } from "../elements.js";
import { callDefinitions, hedgeDefinitions, retryDefinitions } from "../policy-definitions.js";
import { type CheckContext, defineRules, type Report } from "../rule.js";
import { capitalized, didYouMean, listed, quoted } from "../wording.js";

/** Rules on the policies by which calls are sent again. */
export const RETRY_RULES = defineRules({
  RETRY_RANGE: {
    severity: "error",
    waivable: false,
    description:
      "A retry policy with attempts outside 2–5, a backoff that isn't above 0, a `max_backoff` below the first, a multiplier below 1, or `OK` or a duplicate among its codes.",
    check: checkRetryRange,
  },
  RETRY_CODES: {
    severity: "error",
    waivable: true,
    description: "A retry policy for codes other than `UNAVAILABLE`: the call may have been executed.",
    check: checkRetryCodes,
  },
  RETRY_REF_UNKNOWN: {
    severity: "error",
    waivable: false,
    description: "`retry_ref` names none of the service's `retry_policies`.",
    check: checkReference,
  },
  RETRY_POLICY_UNUSED: {
    severity: "warning",
    waivable: true,
    description: "No `retry_ref` names a policy of `retry_policies`.",
    check: checkUnusedPolicies,
  },
  RETRY_NO_RESEND: {
    severity: "error",
    waivable: false,
    description: "`no_resend` is false, which says nothing.",
    check: checkNoResend,
  },
  HEDGE_RANGE: {
    severity: "error",
    waivable: false,
    description: "A hedging policy with attempts outside 2–5, or `OK` or a duplicate among its codes.",
    check: checkHedgeRange,
  },
});

function checkRetryRange({ contract }: CheckContext, report: Report): void {
  for (const { policy, at, label } of retryDefinitions(contract)) {
    const numbers = retryNumbers(policy);
    if (policy.maxAttempts !== 0 && !isAttempts(policy.maxAttempts)) {
      report(at.at("maxAttempts"), attemptsMessage(label, policy.maxAttempts));
    }
    if (durationMs(policy.initialBackoff) === 0) {
      report(
        at.at("initialBackoff"),
        `initial_backoff of ${label} must be above 0: a retry at once adds to the overload.`,
      );
    }
    if (durationMs(policy.maxBackoff) === 0) {
      report(at.at("maxBackoff"), `max_backoff of ${label} must be above 0.`);
    } else if (numbers.maxBackoffMs < numbers.initialBackoffMs) {
      const said = policy.maxBackoff === "" ? " by default" : "";
      report(
        policy.maxBackoff === "" ? at.at("initialBackoff") : at.at("maxBackoff"),
        `max_backoff of ${label} is ${renderDuration(numbers.maxBackoffMs)}${said}, below initial_backoff, ${renderDuration(numbers.initialBackoffMs)}: raise max_backoff or lower initial_backoff.`,
      );
    }
    if (!(numbers.backoffMultiplier >= 1 && Number.isFinite(numbers.backoffMultiplier))) {
      report(
        at.at("backoffMultiplier"),
        `backoff_multiplier of ${label} is ${numbers.backoffMultiplier}: it must be at least 1, or the waits get shorter.`,
      );
    }
    checkCodes(policy.codes, label, (message, element) => report(at.at("codes", element), message));
  }
}

function checkHedgeRange({ contract }: CheckContext, report: Report): void {
  for (const { policy, at, label } of hedgeDefinitions(contract)) {
    if (!isAttempts(policy.maxAttempts)) {
      const message =
        policy.maxAttempts === 0
          ? `${capitalized(label)} has no max_attempts: say how many copies are sent at the most, 2 to 5.`
          : attemptsMessage(label, policy.maxAttempts);
      report(policy.maxAttempts === 0 ? at : at.at("maxAttempts"), message);
    }
    checkCodes(policy.nonFatalCodes, label, (message, element) => report(at.at("nonFatalCodes", element), message));
  }
}

function attemptsMessage(label: string, attempts: number): string {
  return attempts > ATTEMPTS.most
    ? `max_attempts of ${label} is ${attempts}, but gRPC sends a call at most ${ATTEMPTS.most} times: use 2 to 5.`
    : `max_attempts of ${label} is ${attempts}, which is no second attempt: use 2 to 5, or \`no_resend: true\`.`;
}

function checkCodes(
  codes: readonly Status[],
  label: string,
  report: (message: string, element: { index: number; of: number }) => void,
): void {
  codes.forEach((code, index) => {
    const element = { index, of: codes.length };
    if (code === Status.OK) {
      report(`${capitalized(label)} names OK, which is no failure: remove it.`, element);
    } else if (codes.indexOf(code) !== index) {
      report(`${capitalized(label)} names ${statusName(code)} twice: remove one.`, element);
    }
  });
}

function checkRetryCodes({ contract }: CheckContext, report: Report): void {
  for (const { policy, at, label } of retryDefinitions(contract)) {
    const risky = [...new Set(policy.codes)].filter((code) => code !== Status.UNAVAILABLE && code !== Status.OK);
    if (risky.length > 0) {
      const first = risky[0] ?? Status.UNAVAILABLE;
      report(
        at.at("codes", { index: policy.codes.indexOf(first), of: policy.codes.length }),
        `${capitalized(label)} tries again on ${listed(risky.map(statusName))}, which servers send after they have begun to work. Retry UNAVAILABLE alone, or allow {rule: "RETRY_CODES", reason: "…"}.`,
      );
    }
  }
}

function checkReference({ contract }: CheckContext, report: Report): void {
  for (const { call, service } of policyScopes(contract)) {
    const resend = call.resend;
    if (resend?.own === true && resend.value.kind === "unknown_ref") {
      const { name } = resend.value;
      const known = Object.keys(service.raw.options.retryPolicies);
      report(resend.place, `${service.raw.desc.name} has no retry policy ${quoted(name)}${referenceHint(name, known)}`);
    }
  }
}

/** Ends the sentence on a policy that doesn't exist. */
function referenceHint(name: string, known: readonly string[]): string {
  if (known.length === 0) {
    return `: it has none. Declare it in the service's option: retry_policies: {key: ${quoted(name)}, value: {…}}.`;
  }
  const meant = didYouMean(name, known);
  return meant === "" ? `: it has ${listed(known.map(quoted))}.` : `.${meant}`;
}

function checkUnusedPolicies({ contract }: CheckContext, report: Report): void {
  const used = new Map<unknown, Set<string>>();
  for (const { policy, at } of callDefinitions(contract)) {
    if (policy.resend.case === "retryRef") {
      const service = at.desc.kind === "rpc" ? at.desc.parent : at.desc;
      used.set(service, (used.get(service) ?? new Set()).add(policy.resend.value));
    }
  }
  for (const { raw } of annotatedServices(contract)) {
    for (const name of Object.keys(raw.options.retryPolicies)) {
      if (used.get(raw.desc)?.has(name) !== true) {
        report(
          raw.at.at("retryPolicies", { key: name }),
          `Nothing uses the retry policy ${quoted(name)}: name it with \`retry_ref: ${quoted(name)}\`, or remove it.`,
        );
      }
    }
  }
}

function checkNoResend({ contract }: CheckContext, report: Report): void {
  for (const { policy, at, label } of callDefinitions(contract)) {
    if (policy.resend.case === "noResend" && !policy.resend.value) {
      report(
        at.at("noResend"),
        `\`no_resend: false\` says nothing of ${label}: write \`no_resend: true\`, name a policy, or leave it out.`,
      );
    }
  }
}
