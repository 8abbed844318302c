import type { MockedMethodContract } from "../contract.js";
import { hint } from "../directive.js";
import { FAULT_NAMES, faultNamed, USUAL_DELAY } from "../fault.js";
import type { FaultRule } from "../fault-plan.js";
import type { Located, Problems } from "./located.js";
import { durationAt } from "./read-step.js";

/** What a planned fault has. */
export const FAULT_KEYS = ["fault", "method", "share", "calls", "every", "from", "until", "p50", "p99"] as const;

/** Reads which calls meet a fault. */
export function readFault(
  located: Located,
  methodAt: (name: Located) => MockedMethodContract | undefined,
  problems: Problems,
): FaultRule | undefined {
  const parts = problems.entriesOf("A fault", located, FAULT_KEYS);
  const said = parts.get("fault");
  const name = FAULT_NAMES.find((known) => known === said?.value);
  if (name === undefined) {
    const given = said === undefined ? "A fault needs a name" : `There is no fault ${String(said.value)}`;
    problems.add(
      said ?? located,
      `${given}.${hint(String(said?.value), FAULT_NAMES)} There are ${FAULT_NAMES.join(", ")}.`,
    );
    return undefined;
  }
  const method = parts.get("method");
  const [fromMs, untilMs, p50, p99] = (["from", "until", "p50", "p99"] as const).map((key) => {
    const value = parts.get(key);
    return value && durationAt(key, value, problems);
  });
  const p50Ms = p50 ?? USUAL_DELAY.p50Ms;
  const p99Ms = p99 ?? Math.max(p50Ms, USUAL_DELAY.p99Ms);
  if (p50Ms <= 0 || p99Ms < p50Ms) {
    problems.add(located, "p50 must be above 0, and p99 not below it");
  }
  const [share, every, calls] = [parts.get("share"), parts.get("every"), parts.get("calls")];
  return {
    fault: faultNamed(name, { p50Ms, p99Ms }),
    ...(method && definite("method", methodAt(method))),
    ...(share &&
      definite(
        "share",
        problems.number("share", share, (value) => value >= 0 && value <= 1, "from 0 to 1"),
      )),
    ...(every && definite("every", problems.number("every", every, isCount, "a whole number from 1"))),
    ...(calls && {
      calls: problems
        .itemsOf("calls", calls)
        .flatMap((call) => problems.number("calls", call, isCount, "whole numbers from 1") ?? []),
    }),
    ...definite("fromMs", fromMs),
    ...definite("untilMs", untilMs),
  };
}

function definite<Key extends string, Value>(key: Key, value: Value | undefined): { readonly [_ in Key]?: Value } {
  return value === undefined ? {} : ({ [key]: value } as { readonly [_ in Key]: Value });
}

function isCount(value: number): boolean {
  return Number.isInteger(value) && value >= 1;
}
