import { LONGEST_TIMER_MS } from "@accord-grpc/runtime/contract";
import { elementPlace } from "../../read/place.js";
import { durationMs, renderDuration } from "../../resolve/duration.js";
import { annotatedServices, policyScopes } from "../elements.js";
import { overTimer } from "../longest-timer.js";
import { callDefinitions } from "../policy-definitions.js";
import { type CheckContext, defineRules, type Report } from "../rule.js";
import { capitalized, counted, someOf } from "../wording.js";

/** Rules on deadlines and sizes. */
export const CALL_RULES = defineRules({
  TIMEOUT_RANGE: {
    severity: "error",
    waivable: false,
    description: "A timeout that is 0, or over the 24.8 days that a timer holds.",
    check: checkRange,
  },
  TIMEOUT_OVER_MAX: {
    severity: "error",
    waivable: false,
    description: "A `timeout` over the `max_timeout` that the server grants.",
    check: checkOverMax,
  },
  TIMEOUT_MISSING: {
    severity: "warning",
    waivable: true,
    description:
      "Unary methods of an annotated service without a `timeout`: each caller has to name one. Several are told on one line.",
    check: checkMissing,
  },
  SIZE_RANGE: {
    severity: "error",
    waivable: false,
    description: "A size limit that is 0, or over 2 GiB − 1.",
    check: checkSizes,
  },
});

function checkRange({ contract }: CheckContext, report: Report): void {
  for (const { policy, at, label } of callDefinitions(contract)) {
    for (const [name, field] of [
      ["timeout", "timeout"],
      ["max_timeout", "maxTimeout"],
    ] as const) {
      const ms = durationMs(policy[field]);
      if (ms === 0) {
        report(at.at(field), `${name} of ${label} is 0, so that every call fails: raise it, or leave it out.`);
      } else if (ms !== undefined && ms > LONGEST_TIMER_MS) {
        report(at.at(field), `${overTimer(`${name} of ${label}`, ms)}: lower it, or leave it out.`);
      }
    }
  }
}

function checkOverMax({ contract }: CheckContext, report: Report): void {
  for (const { call, label, method } of policyScopes(contract)) {
    const { timeout, maxTimeout } = call;
    if (timeout === undefined || maxTimeout === undefined || !(method === undefined || timeout.own || maxTimeout.own)) {
      continue;
    }
    const ms = durationMs(timeout.value);
    const maxMs = durationMs(maxTimeout.value);
    if (ms !== undefined && maxMs !== undefined && ms > maxMs) {
      report(
        timeout.own ? timeout.place : maxTimeout.place,
        `${capitalized(label)}: the timeout of ${renderDuration(ms)} is over the max_timeout of ${renderDuration(maxMs)}, to which the server cuts it: lower timeout or raise max_timeout.`,
      );
    }
  }
}

function checkMissing({ contract, silenced }: CheckContext, report: Report): void {
  for (const service of annotatedServices(contract)) {
    const missing = service.methods.filter(
      ({ raw, call }) =>
        raw.desc.methodKind === "unary" && call.timeout === undefined && !silenced(elementPlace(raw.desc)),
    );
    const [first, ...others] = missing;
    const { desc } = service.raw;
    const defaults = `\`defaults: {timeout: "5s"}\` to ${desc.name}`;
    if (first !== undefined && others.length === 0) {
      report(
        elementPlace(first.raw.desc),
        `${first.raw.desc.name} has no timeout, so each caller has to name one: add \`call: {timeout: "5s"}\` to it, or ${defaults}.`,
      );
    } else if (first !== undefined) {
      const names = missing.map(({ raw }) => raw.desc.name);
      report(
        elementPlace(desc),
        `${counted(missing.length, "method")} of ${desc.name} have no timeout, so each caller has to name one: add ${defaults}, or \`call: {timeout: "5s"}\` to ${someOf(names)}.`,
      );
    }
  }
}

/** gRPC's options take signed 32-bit numbers. */
const LARGEST_SIZE = 2 ** 31 - 1;

function checkSizes({ contract }: CheckContext, report: Report): void {
  for (const { policy, at, label } of callDefinitions(contract)) {
    for (const [name, field] of [
      ["max_request_bytes", "maxRequestBytes"],
      ["max_response_bytes", "maxResponseBytes"],
    ] as const) {
      const size = policy[field];
      if (size === 0) {
        report(at.at(field), `${name} of ${label} is 0, so that only empty messages pass: raise it, or leave it out.`);
      } else if (size !== undefined && size > LARGEST_SIZE) {
        report(at.at(field), `${name} of ${label} is ${size}, over gRPC's largest, ${LARGEST_SIZE}: lower it.`);
      }
    }
  }
}
