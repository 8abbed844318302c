import type { Rule } from "../answer.js";
import type { FaultRule } from "../fault-plan.js";

/** What a scenario file says. */
export interface Scenario {
  readonly seed: number | undefined;
  readonly rules: readonly Rule[];
  readonly faults: readonly FaultRule[];
}
