import type { RuleSet } from "./rule-set.js";
import type { Condition, Literal, Measure, RuleCheck } from "./validation.js";

/** `in` and `not_in` */
export function listChecks(rules: RuleSet): readonly RuleCheck[] {
  const listed = (name: string, not: boolean): Condition => ({
    kind: "listed",
    measure: "value",
    values: rules.list(name) as readonly Literal[],
    not,
  });
  return [
    ...rules.given("in", () => [`must be in list [${rules.list("in").join(", ")}]`, listed("in", true)]),
    ...rules.given("not_in", () => [
      `must not be in list [${rules.list("not_in").join(", ")}]`,
      listed("not_in", false),
    ]),
  ];
}

/** A rule about a size: of texts, bytes, lists and maps. */
export function sizeCheck(
  rules: RuleSet,
  name: string,
  measure: Measure,
  operator: "!==" | "<" | ">",
  message: (size: unknown) => string,
): readonly RuleCheck[] {
  // A size above what JavaScript counts to is above every size, too.
  return rules.given(name, (size) => [message(size), { kind: "compare", measure, operator, bound: Number(size) }]);
}

const WORDS = { gt: "greater than", gte: "greater than or equal to", lt: "less than", lte: "less than or equal to" };
const OPERATORS = { gt: ">", gte: ">=", lt: "<", lte: "<=" } as const;

/** A bound as it is given: `gte`. */
export interface GivenBound<Value> {
  readonly name: keyof typeof OPERATORS;
  readonly operator: (typeof OPERATORS)[keyof typeof OPERATORS];
  readonly value: Value;
}

/** The bounds that are given, the lower one first. */
export function boundsOf<Value>(read: (name: string) => Value | undefined): readonly GivenBound<Value>[] {
  return (["gt", "gte", "lt", "lte"] as const).flatMap((name) => {
    const value = read(name);
    return value === undefined ? [] : [{ name, operator: OPERATORS[name], value }];
  });
}

/** One rule for both bounds, which is told where the lower one stands. If the upper one is below it, one of them has to hold. */
export function boundsCheck<Value>(
  rules: RuleSet,
  bounds: readonly GivenBound<Value>[],
  isApart: boolean,
  textOf: (value: Value) => string,
  brokenIf: Condition,
): readonly RuleCheck[] {
  const [lower] = bounds;
  const texts = bounds.map(({ name, value }) => `${WORDS[name]} ${textOf(value)}`);
  const id = `${bounds.map(({ name }) => name).join("_")}${isApart ? "_exclusive" : ""}`;
  return lower === undefined
    ? []
    : rules.check(lower.name, `must be ${texts.join(isApart ? " or " : " and ")}`, brokenIf, id);
}
