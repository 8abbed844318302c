import { isSameRuleValue, type ValueRules } from "./field-rules.js";

/** Whether a scalar keeps the rules that a value is made by. Formats aren't looked at: what is made has them, what is echoed brought them. */
export function isWithin(value: unknown, rules: ValueRules): boolean {
  const { required, const: constant, in: listed, notIn } = rules;
  if (
    (required === true && isZero(value)) ||
    (constant !== undefined && !isSameRuleValue(constant, value)) ||
    (listed !== undefined && !listed.some((each) => isSameRuleValue(each, value))) ||
    notIn?.some((each) => isSameRuleValue(each, value)) === true
  ) {
    return false;
  }
  if (typeof value === "string") {
    return isTextWithin(value, rules);
  }
  return typeof value === "number" || typeof value === "bigint" ? isNumberWithin(Number(value), rules) : true;
}

function isZero(value: unknown): boolean {
  return value instanceof Uint8Array ? value.length === 0 : !value;
}

function isTextWithin(text: string, rules: ValueRules): boolean {
  const { minLength = 0, maxLength = Number.POSITIVE_INFINITY, prefix = "", suffix = "", contains = "" } = rules;
  const { notContains, pattern } = rules;
  const { length } = [...text];
  return (
    length >= minLength &&
    length <= maxLength &&
    text.startsWith(prefix) &&
    text.endsWith(suffix) &&
    text.includes(contains) &&
    (notContains === undefined || !text.includes(notContains)) &&
    (pattern === undefined || isMatch(pattern, text))
  );
}

// RE2 knows what JavaScript doesn't: of such a pattern nothing is known.
function isMatch(pattern: string, text: string): boolean {
  try {
    return new RegExp(pattern, "u").test(text);
  } catch {
    return false;
  }
}

/** Whether a number is within bounds. With the lower one above the upper one, protovalidate means what is outside of them. */
export function isNumberWithin(value: number, { gt, gte, lt, lte }: ValueRules): boolean {
  const isAbove = (gt === undefined || value > gt) && (gte === undefined || value >= gte);
  const isBelow = (lt === undefined || value < lt) && (lte === undefined || value <= lte);
  const [low, high] = [gt ?? gte, lt ?? lte];
  return low !== undefined && high !== undefined && low > high ? isAbove || isBelow : isAbove && isBelow;
}
