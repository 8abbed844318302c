import type { CallPolicy, HedgingPolicy, RetryPolicy } from "../read/options.js";
import type { OptionPlace } from "../read/place.js";
import type { ResolvedContract, ResolvedService } from "../resolve/resolved-contract.js";
import { annotatedServices } from "./elements.js";

/** A policy where it is written, whoever uses it. */
export interface Definition<Policy> {
  readonly policy: Policy;
  readonly at: OptionPlace<Policy>;
  /** `the retry policy of Transfer`, `the retry policy "gentle"`. */
  readonly label: string;
}

/** Each call policy as it is written. */
export function* callDefinitions(contract: ResolvedContract): Generator<Definition<CallPolicy>> {
  for (const service of annotatedServices(contract)) {
    yield* callDefinitionsOf(service);
  }
}

function* callDefinitionsOf({ raw }: ResolvedService): Generator<Definition<CallPolicy>> {
  if (raw.options.defaults !== undefined) {
    yield { policy: raw.options.defaults, at: raw.at.at("defaults"), label: `the defaults of ${raw.desc.name}` };
  }
  for (const method of raw.methods) {
    if (method.options.call !== undefined) {
      yield { policy: method.options.call, at: method.at.at("call"), label: method.desc.name };
    }
  }
}

/** Each retry policy as it is written. */
export function* retryDefinitions(contract: ResolvedContract): Generator<Definition<RetryPolicy>> {
  for (const service of annotatedServices(contract)) {
    for (const { policy, at, label } of callDefinitionsOf(service)) {
      if (policy.resend.case === "retry") {
        yield { policy: policy.resend.value, at: at.at("retry"), label: `the retry policy of ${label}` };
      }
    }
    for (const [name, policy] of Object.entries(service.raw.options.retryPolicies)) {
      const at = service.raw.at.at("retryPolicies", { key: name });
      yield { policy, at, label: `the retry policy ${JSON.stringify(name)}` };
    }
  }
}

/** Each hedging policy as it is written. */
export function* hedgeDefinitions(contract: ResolvedContract): Generator<Definition<HedgingPolicy>> {
  for (const { policy, at, label } of callDefinitions(contract)) {
    if (policy.resend.case === "hedge") {
      yield { policy: policy.resend.value, at: at.at("hedge"), label: `the hedging policy of ${label}` };
    }
  }
}
