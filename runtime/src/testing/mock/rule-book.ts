import type { AskedCall, Rule, Step } from "./answer.js";

/** What rules say of a call, taken together. */
export interface RuledCall extends Step {
  /** The rule that the answer is from. */
  readonly rule?: Rule;
}

/** Rules, the first that fits before the others, with a count of the calls that each has seen. */
export class RuleBook {
  readonly #rules: Rule[];
  readonly #seen = new Map<Rule, number>();

  constructor(rules: readonly Rule[] = []) {
    this.#rules = [...rules];
  }

  /** Puts a rule before all others. */
  add(rule: Rule): void {
    this.#rules.unshift(rule);
  }

  /** Takes a rule out. */
  remove(rule: Rule): void {
    const index = this.#rules.indexOf(rule);
    if (index >= 0) {
      this.#rules.splice(index, 1);
    }
  }

  /** What a call is to be answered: the first answer of the rules that fit, and the first delay up to it. Counts the call. */
  consult(call: AskedCall): RuledCall {
    let delayMs: number | undefined;
    for (const rule of [...this.#rules]) {
      const step = fits(rule, call) ? this.#stepOf(rule) : undefined;
      delayMs ??= step?.delayMs;
      if (step?.answer !== undefined) {
        return { rule, answer: step.answer, ...(delayMs !== undefined && { delayMs }) };
      }
    }
    return delayMs === undefined ? {} : { delayMs };
  }

  #stepOf(rule: Rule): Step | undefined {
    const count = (this.#seen.get(rule) ?? 0) + 1;
    this.#seen.set(rule, count);
    const { call, times, steps, repeats = false } = rule;
    if (call !== undefined) {
      return count === call ? steps[0] : undefined;
    }
    if (times !== undefined && count > times) {
      return undefined;
    }
    return steps[repeats ? (count - 1) % steps.length : Math.min(count, steps.length) - 1];
  }
}

function fits({ method, request, metadata = {} }: Rule, call: AskedCall): boolean {
  return (
    (method === undefined || method === call.method) &&
    Object.entries(metadata).every(([key, value]) => call.metadata.get(key).some((given) => String(given) === value)) &&
    (request === undefined || request(call.request))
  );
}
