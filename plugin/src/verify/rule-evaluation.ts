import type { Bound, Condition, Literal } from "../model/validation.js";

/** What rules are evaluated on: a scalar, or how many elements there are. */
export type RuleValue = Literal | Uint8Array | { readonly count: number };

/**
 * Whether a value breaks a rule, where that can be told from here. Formats are the runtime's to test; what generates values
 * has examples of them.
 */
export function isBroken(condition: Condition, value: RuleValue): boolean | undefined {
  switch (condition.kind) {
    case "compare": {
      const measured = measure(condition.measure, value);
      return measured === undefined ? undefined : compares(measured, condition.operator, condition.bound);
    }
    case "outside": {
      if (!isNumeric(value)) {
        return undefined;
      }
      const holds = (bound: Bound) => compares(value, bound.operator, bound.value);
      return !(condition.joined === "&&" ? condition.bounds.every(holds) : condition.bounds.some(holds));
    }
    case "listed": {
      const measured = measure(condition.measure, value);
      return measured === undefined
        ? undefined
        : condition.values.some((listed) => String(listed) === String(measured)) !== condition.not;
    }
    case "text":
      return typeof value === "string" ? value[condition.method](condition.text) !== condition.not : undefined;
    case "pattern":
      return typeof value === "string" ? !matches(condition.pattern, value) : undefined;
    case "format":
      return value === "" ? true : undefined;
    default:
      return undefined;
  }
}

function measure(what: string, value: RuleValue): Literal | undefined {
  if (typeof value === "object" && "count" in value) {
    return what === "length" || what === "entryCount" ? value.count : undefined;
  }
  if (value instanceof Uint8Array) {
    return what === "length" ? value.length : undefined;
  }
  switch (what) {
    case "value":
      return value;
    case "codePoints":
      return typeof value === "string" ? [...value].length : undefined;
    case "utf8Bytes":
      return typeof value === "string" ? Buffer.byteLength(value) : undefined;
    default:
      return undefined;
  }
}

function compares(value: Literal, operator: string, bound: Literal): boolean {
  switch (operator) {
    case "===":
      return String(value) === String(bound);
    case "!==":
      return String(value) !== String(bound);
    case "<":
      return value < bound;
    case "<=":
      return value <= bound;
    case ">":
      return value > bound;
    default:
      return value >= bound;
  }
}

function isNumeric(value: RuleValue): value is number | bigint {
  return typeof value === "number" || typeof value === "bigint";
}

function matches(pattern: string, text: string): boolean {
  try {
    return new RegExp(pattern, "u").test(text);
  } catch {
    return true;
  }
}
