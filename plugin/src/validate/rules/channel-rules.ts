import { LONGEST_TIMER_MS } from "@accord-grpc/runtime/contract";
import { LoadBalancingPolicy, type OutlierDetection } from "../../read/options.js";
import type { OptionPlace, Place } from "../../read/place.js";
import { durationMs, renderDuration } from "../../resolve/duration.js";
import type { ResolvedMethod, ResolvedPackage, ResolvedService } from "../../resolve/resolved-contract.js";
import { isResent } from "../../resolve/resume.js";
import { DEFAULT_RETRY, hedgeNumbers, retryNumbers } from "../../resolve/retry-policy.js";
import { annotatedServices, checkedPackages } from "../elements.js";
import { overTimer } from "../longest-timer.js";
import { type CheckContext, defineRules, type Report } from "../rule.js";

/** Rules on what holds for a channel, and so for all services of a package. */
export const CHANNEL_RULES = defineRules({
  CHANNEL_CONFLICT: {
    severity: "error",
    waivable: false,
    description: "Services of a package disagree on `throttle` or `lb`, or two ask for `client_check`.",
    check: checkConflicts,
  },
  THROTTLE_RANGE: {
    severity: "error",
    waivable: false,
    description:
      "`max_tokens` outside 1–1000, a `token_ratio` that isn't above 0 or has more than three decimals, or either beside `off`.",
    check: checkThrottle,
  },
  RETRY_UNTHROTTLED: {
    severity: "warning",
    waivable: true,
    description: "Methods are sent again, and `throttle: { off: true }` lets that go on while most calls fail.",
    check: checkUnthrottled,
  },
  LB_RANGE: {
    severity: "error",
    waivable: false,
    description:
      "Outlier detection without an algorithm, under `pick_first`, with a percentage over 100 or with times that don't fit.",
    check: checkOutlierDetection,
  },
});

function checkConflicts({ contract }: CheckContext, report: Report): void {
  for (const pkg of checkedPackages(contract)) {
    reportDisagreement(pkg, "throttle", report);
    reportDisagreement(pkg, "lb", report);
    const [first, ...others] = pkg.services.filter(({ raw }) => raw.options.health?.clientCheck === true);
    for (const { raw } of others) {
      report(
        raw.at.at("health").at("clientCheck"),
        `Clients watch the health of one service for each channel, and ${first?.raw.desc.name} asks for it already: remove one client_check.`,
      );
    }
  }
}

function reportDisagreement(pkg: ResolvedPackage, name: "throttle" | "lb", report: Report): void {
  const [first, ...others] = pkg.services.filter(({ raw }) => raw.options[name] !== undefined);
  for (const { raw } of others) {
    if (JSON.stringify(raw.options[name]) !== JSON.stringify(first?.raw.options[name])) {
      report(
        raw.at.at(name),
        `${name} of ${raw.desc.name} differs from that of ${first?.raw.desc.name}, but the services of a package share a channel: use the same, or say it once.`,
      );
    }
  }
}

function checkThrottle({ contract }: CheckContext, report: Report): void {
  for (const { raw } of annotatedServices(contract)) {
    const { throttle } = raw.options;
    if (throttle === undefined) {
      continue;
    }
    const at = raw.at.at("throttle");
    if (throttle.off && (throttle.maxTokens !== 0 || throttle.tokenRatio !== 0)) {
      report(at.at("off"), "throttle is off, and has numbers: remove `off`, or the numbers.");
    }
    if (throttle.maxTokens > 1_000) {
      report(at.at("maxTokens"), `max_tokens is ${throttle.maxTokens}: gRPC takes 1 to 1000.`);
    }
    const { tokenRatio: ratio } = throttle;
    if (ratio === 0) {
      continue;
    }
    if (!(ratio > 0 && Number.isFinite(ratio))) {
      report(at.at("tokenRatio"), `token_ratio is ${ratio}: it must be above 0, or retries never start again.`);
    } else if (Math.abs(ratio * 1_000 - Math.round(ratio * 1_000)) > 1e-6) {
      const rounded = Math.round(ratio * 1_000) / 1_000;
      report(
        at.at("tokenRatio"),
        `token_ratio is ${ratio}, but gRPC keeps three decimals: it would become ${rounded}. Write ${Math.max(rounded, 0.001)}.`,
      );
    }
  }
}

function checkUnthrottled({ contract }: CheckContext, report: Report): void {
  for (const { raw, package: pkg } of annotatedServices(contract)) {
    if (raw.options.throttle?.off !== true) {
      continue;
    }
    const resent = pkg.services.flatMap(({ methods }) => methods).filter(isResent);
    const attempts = Math.max(...resent.map(attemptsOf));
    if (resent.length > 0) {
      const what = resent.length === 1 ? `${resent[0]?.raw.desc.name} is` : `${resent.length} methods are`;
      report(
        raw.at.at("throttle").at("off"),
        `${what} sent again however many calls fail, so that an outage is met by up to ${attempts} times as many calls. Remove \`off\`, or allow {rule: "RETRY_UNTHROTTLED", reason: "…"}.`,
      );
    }
  }
}

function attemptsOf({ call: { resend } }: ResolvedMethod): number {
  switch (resend?.value.kind) {
    case "retry":
      return retryNumbers(resend.value.policy).maxAttempts;
    case "hedge":
      return hedgeNumbers(resend.value.policy).maxAttempts;
    default:
      return DEFAULT_RETRY.maxAttempts;
  }
}

function checkOutlierDetection({ contract }: CheckContext, report: Report): void {
  for (const service of annotatedServices(contract)) {
    const { lb } = service.raw.options;
    const detection = lb?.outlierDetection;
    if (lb === undefined || detection === undefined) {
      continue;
    }
    const at = service.raw.at.at("lb");
    if (lb.policy === LoadBalancingPolicy.PICK_FIRST) {
      report(
        at.at("policy"),
        "pick_first uses a single backend, so that none can be left out: use round robin, or remove outlier_detection.",
      );
    }
    checkDetection(detection, at.at("outlierDetection"), service, report);
  }
}

function checkDetection(
  detection: OutlierDetection,
  at: OptionPlace<OutlierDetection>,
  service: ResolvedService,
  report: Report,
): void {
  const { successRate, failurePercentage } = detection;
  if (successRate === undefined && failurePercentage === undefined) {
    report(
      at,
      `outlier_detection of ${service.raw.desc.name} names no algorithm and so finds nothing: add success_rate: {} or failure_percentage: {}.`,
    );
  }
  const atRate = at.at("successRate");
  const atFailures = at.at("failurePercentage");
  const percentages: readonly (readonly [string, number | undefined, Place])[] = [
    ["max_ejection_percent", detection.maxEjectionPercent, at.at("maxEjectionPercent")],
    ["success_rate.enforcement_percentage", successRate?.enforcementPercentage, atRate.at("enforcementPercentage")],
    ["failure_percentage.threshold", failurePercentage?.threshold, atFailures.at("threshold")],
    [
      "failure_percentage.enforcement_percentage",
      failurePercentage?.enforcementPercentage,
      atFailures.at("enforcementPercentage"),
    ],
  ];
  for (const [name, percentage = 0, place] of percentages) {
    if (percentage > 100) {
      report(place, `${name} is ${percentage}: it is a percentage, at most 100.`);
    }
  }
  for (const [name, field] of [
    ["interval", "interval"],
    ["base_ejection_time", "baseEjectionTime"],
    ["max_ejection_time", "maxEjectionTime"],
  ] as const) {
    const ms = durationMs(detection[field]) ?? 1;
    if (ms === 0) {
      report(at.at(field), `${name} must be above 0.`);
    } else if (ms > LONGEST_TIMER_MS) {
      report(at.at(field), `${overTimer(name, ms)}: lower it.`);
    }
  }
  checkEjectionTimes(detection, at, report);
}

function checkEjectionTimes(detection: OutlierDetection, at: OptionPlace<OutlierDetection>, report: Report): void {
  const base = durationMs(detection.baseEjectionTime) ?? 30_000;
  const max = durationMs(detection.maxEjectionTime) ?? 300_000;
  if (max < base && max > 0) {
    const said = detection.maxEjectionTime === "" ? " by default" : "";
    report(
      at.at(detection.maxEjectionTime === "" ? "baseEjectionTime" : "maxEjectionTime"),
      `max_ejection_time is ${renderDuration(max)}${said}, below base_ejection_time, ${renderDuration(base)}: raise max_ejection_time.`,
    );
  }
}
