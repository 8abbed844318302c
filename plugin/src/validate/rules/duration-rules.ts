import type { Place } from "../../read/place.js";
import { readDuration } from "../../resolve/duration.js";
import type { ResolvedContract } from "../../resolve/resolved-contract.js";
import { annotatedServices, checkedFiles } from "../elements.js";
import { callDefinitions, hedgeDefinitions, retryDefinitions } from "../policy-definitions.js";
import { type CheckContext, defineRules, type Report } from "../rule.js";

/** The rule on durations, wherever they stand. */
export const DURATION_RULES = defineRules({
  DURATION_SYNTAX: {
    severity: "error",
    waivable: false,
    description: 'A duration that isn\'t written like `"100ms"`, `"5s"`, `"2m"`, `"1h"` or `"1m30s"`.',
    check: checkSyntax,
  },
});

interface WrittenDuration {
  /** As options.proto calls it: `initial_backoff`. */
  readonly name: string;
  readonly text: string;
  readonly place: Place;
}

function checkSyntax({ contract }: CheckContext, report: Report): void {
  for (const { name, text, place } of durations(contract)) {
    const problem = text === "" ? undefined : readDuration(text).problem;
    if (problem !== undefined) {
      report(place, `${name}: ${problem}.`);
    }
  }
}

function* durations(contract: ResolvedContract): Generator<WrittenDuration> {
  yield* policyDurations(contract);
  yield* outlierDurations(contract);
  for (const { raw } of annotatedServices(contract).flatMap(({ methods }) => methods)) {
    const { cache } = raw.options;
    if (cache !== undefined) {
      yield { name: "max_age", text: cache.maxAge, place: raw.at.at("cache").at("maxAge") };
    }
  }
  for (const file of checkedFiles(contract)) {
    for (const { options, at } of file.catalogs.flatMap((catalog) => catalog.values)) {
      yield { name: "retry_after", text: options.retryAfter, place: at.at("retryAfter") };
    }
    const { deployment } = file.options;
    if (deployment !== undefined) {
      const at = file.at.at("deployment");
      yield { name: "pre_stop", text: deployment.preStop, place: at.at("preStop") };
      yield { name: "drain", text: deployment.drain, place: at.at("drain") };
      yield { name: "connection_age", text: deployment.connectionAge, place: at.at("connectionAge") };
      yield { name: "connection_age_grace", text: deployment.connectionAgeGrace, place: at.at("connectionAgeGrace") };
      yield { name: "termination_grace", text: deployment.terminationGrace, place: at.at("terminationGrace") };
    }
  }
}

function* policyDurations(contract: ResolvedContract): Generator<WrittenDuration> {
  for (const { policy, at } of callDefinitions(contract)) {
    yield { name: "timeout", text: policy.timeout, place: at.at("timeout") };
    yield { name: "max_timeout", text: policy.maxTimeout, place: at.at("maxTimeout") };
  }
  for (const { policy, at } of retryDefinitions(contract)) {
    yield { name: "initial_backoff", text: policy.initialBackoff, place: at.at("initialBackoff") };
    yield { name: "max_backoff", text: policy.maxBackoff, place: at.at("maxBackoff") };
  }
  for (const { policy, at } of hedgeDefinitions(contract)) {
    yield { name: "delay", text: policy.delay, place: at.at("delay") };
  }
}

function* outlierDurations(contract: ResolvedContract): Generator<WrittenDuration> {
  for (const { raw } of annotatedServices(contract)) {
    const detection = raw.options.lb?.outlierDetection;
    if (detection !== undefined) {
      const at = raw.at.at("lb").at("outlierDetection");
      yield { name: "interval", text: detection.interval, place: at.at("interval") };
      yield { name: "base_ejection_time", text: detection.baseEjectionTime, place: at.at("baseEjectionTime") };
      yield { name: "max_ejection_time", text: detection.maxEjectionTime, place: at.at("maxEjectionTime") };
    }
  }
}
