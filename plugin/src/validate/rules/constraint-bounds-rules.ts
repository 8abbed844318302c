import { type Constraints, constraintsOf } from "../constraints.js";
import { type CheckContext, defineRules, type Report } from "../rule.js";

/** Rules on the bounds in rules of `buf.validate`. */
export const CONSTRAINT_BOUNDS_RULES = defineRules({
  VALIDATE_BOUNDS: {
    severity: "error",
    waivable: false,
    description:
      "Rules of `buf.validate` that no value keeps: `min_len` above `max_len`, nothing between `gt` and `lt`.",
    check: checkBounds,
  },
  VALIDATE_REVERSED: {
    severity: "warning",
    waivable: true,
    description:
      "A lower bound of `buf.validate` above the upper one, which protovalidate takes for all that is *outside* of the two.",
    check: checkReversed,
  },
});

/** A rule that gives a bound, and its value, comparable. */
interface Bound {
  readonly rule: string;
  readonly value: bigint | number;
  readonly text: string;
}

// What is at least as large as the first must be at most as large as the second.
const SIZES = [
  ["min_len", "max_len"],
  ["min_len", "len"],
  ["len", "max_len"],
  ["min_bytes", "max_bytes"],
  ["min_bytes", "len_bytes"],
  ["len_bytes", "max_bytes"],
  // A character has one byte at least.
  ["min_len", "max_bytes"],
  ["len", "max_bytes"],
  ["min_len", "len_bytes"],
  ["min_items", "max_items"],
  ["min_pairs", "max_pairs"],
] as const;

function checkBounds({ contract }: CheckContext, report: Report): void {
  for (const constraints of constraintsOf(contract)) {
    const { label, placeOf } = constraints;
    for (const [low, high] of SIZES) {
      const [min, max] = [boundOf(constraints, low), boundOf(constraints, high)];
      if (min !== undefined && max !== undefined && min.value > max.value) {
        report(
          placeOf(low),
          `Nothing keeps the rules of ${label}: ${low} is ${min.text}, and ${high} ${max.text}. Correct one of them.`,
        );
      }
    }
    checkRange(constraints, report);
    checkConst(constraints, report);
  }
}

function checkRange(constraints: Constraints, report: Report): void {
  const [lower, upper] = rangeOf(constraints);
  if (lower === undefined || upper === undefined || upper.value < lower.value) {
    return;
  }
  const isOpen = lower.rule === "gt" || upper.rule === "lt";
  const isNextTo =
    lower.rule === "gt" &&
    upper.rule === "lt" &&
    isWhole(constraints.given) &&
    BigInt(upper.value) - BigInt(lower.value) === 1n;
  if ((isOpen && upper.value === lower.value) || isNextTo) {
    report(
      constraints.placeOf(lower.rule),
      `Nothing keeps the rules of ${constraints.label}: there is no value with ${lower.rule} ${lower.text} and ${upper.rule} ${upper.text}.`,
    );
  }
}

/** A constant that its own bounds exclude. */
function checkConst(constraints: Constraints, report: Report): void {
  const constant = boundOf(constraints, "const");
  const [lower, upper] = rangeOf(constraints);
  if (constant === undefined) {
    return;
  }
  const breaks = [lower, upper].find(
    (bound) => bound !== undefined && !KEEPS[bound.rule]?.(constant.value, bound.value),
  );
  const isApart = lower !== undefined && upper !== undefined && upper.value < lower.value;
  if (breaks !== undefined && !isApart) {
    report(
      constraints.placeOf("const"),
      `Nothing keeps the rules of ${constraints.label}: const is ${constant.text}, and ${breaks.rule} ${breaks.text}.`,
    );
  }
}

const KEEPS: Readonly<Record<string, (value: bigint | number, bound: bigint | number) => boolean>> = {
  gt: (value, bound) => value > bound,
  gte: (value, bound) => value >= bound,
  lt: (value, bound) => value < bound,
  lte: (value, bound) => value <= bound,
};

function checkReversed({ contract }: CheckContext, report: Report): void {
  for (const constraints of constraintsOf(contract)) {
    const [lower, upper] = rangeOf(constraints);
    if (lower !== undefined && upper !== undefined && upper.value < lower.value) {
      report(
        constraints.placeOf(lower.rule),
        `${lower.rule} ${lower.text} is above ${upper.rule} ${upper.text}: protovalidate takes that for what is outside of the two. Exchange them if you mean what is between them.`,
      );
    }
  }
}

function rangeOf(constraints: Constraints): readonly [lower: Bound | undefined, upper: Bound | undefined] {
  return [
    boundOf(constraints, "gt") ?? boundOf(constraints, "gte"),
    boundOf(constraints, "lt") ?? boundOf(constraints, "lte"),
  ];
}

function boundOf({ ruleValue }: Constraints, rule: string): Bound | undefined {
  const value = ruleValue(rule);
  if (typeof value === "bigint" || (typeof value === "number" && !Number.isNaN(value))) {
    return { rule, value, text: String(value) };
  }
  if (!isTime(value)) {
    return undefined;
  }
  const { seconds, nanos } = value;
  return { rule, value: seconds * 1_000_000_000n + BigInt(nanos), text: `${Number(seconds) + nanos / 1e9}s` };
}

function isTime(value: unknown): value is { readonly seconds: bigint; readonly nanos: number } {
  return typeof value === "object" && value !== null && "seconds" in value && "nanos" in value;
}

/** Whether the values of a kind are whole numbers; those of times, whole nanoseconds. */
function isWhole(kind: string): boolean {
  return kind !== "float" && kind !== "double";
}
