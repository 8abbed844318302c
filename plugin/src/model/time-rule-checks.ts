import { type Message, toJson } from "@bufbuild/protobuf";
import { DurationSchema, TimestampSchema } from "@bufbuild/protobuf/wkt";
import type { RuleSet } from "./rule-set.js";
import { boundsCheck, boundsOf } from "./shared-rule-checks.js";
import type { Condition, RuleCheck, Time, TimeBound } from "./validation.js";

/** The checks of `buf.validate.DurationRules`. */
export function durationChecks(rules: RuleSet): readonly RuleCheck[] {
  return [...constCheck(rules, durationText), ...rangeCheck(rules, durationText), ...listChecks(rules)];
}

/** The checks of `buf.validate.TimestampRules`. */
export function timestampChecks(rules: RuleSet): readonly RuleCheck[] {
  return [
    ...constCheck(rules, timestampText),
    ...rangeCheck(rules, timestampText, "upper"),
    ...(rules.get("lt_now") === true
      ? rules.check("lt_now", "must be less than now", { kind: "now", operator: ">" })
      : []),
    ...rangeCheck(rules, timestampText, "lower"),
    ...(rules.get("gt_now") === true
      ? rules.check("gt_now", "must be greater than now", { kind: "now", operator: "<" })
      : []),
    ...rules.given("within", () => {
      const within = timeOf(rules, "within");
      return [`must be within ${durationText(within)} of now`, { kind: "farFromNow", within }];
    }),
  ];
}

function constCheck(rules: RuleSet, textOf: (time: Time) => string): readonly RuleCheck[] {
  return rules.given("const", () => {
    const value = timeOf(rules, "const");
    return [`must equal ${textOf(value)}`, { kind: "time", bounds: [same(value)], joined: "&&", not: true }];
  });
}

function listChecks(rules: RuleSet): readonly RuleCheck[] {
  const texts = (name: string): string => times(rules, name).map(durationText).join(", ");
  const listed = (name: string, not: boolean): Condition => ({
    kind: "time",
    bounds: times(rules, name).map(same),
    joined: "||",
    not,
  });
  return [
    ...rules.given("in", () => [`must be in list [${texts("in")}]`, listed("in", true)]),
    ...rules.given("not_in", () => [`must not be in list [${texts("not_in")}]`, listed("not_in", false)]),
  ];
}

/** @param only if the rule's place is the bound's that is named so: what stands between the two in protovalidate's order comes between them */
function rangeCheck(rules: RuleSet, textOf: (time: Time) => string, only?: "lower" | "upper"): readonly RuleCheck[] {
  const bounds = boundsOf((name) => (rules.get(name) === undefined ? undefined : timeOf(rules, name)));
  const [lower, upper] = bounds;
  if (only !== undefined && only !== (lower?.operator.startsWith(">") ? "lower" : "upper")) {
    return [];
  }
  const isApart = lower !== undefined && upper !== undefined && isBefore(upper.value, lower.value);
  return boundsCheck(rules, bounds, isApart, textOf, {
    kind: "time",
    bounds: bounds.map(({ operator, value }): TimeBound => ({ operator, value })),
    joined: isApart ? "||" : "&&",
    not: true,
  });
}

function same(value: Time): TimeBound {
  return { operator: "===", value };
}

function isBefore(a: Time, b: Time): boolean {
  return a.seconds < b.seconds || (a.seconds === b.seconds && a.nanos < b.nanos);
}

function timeOf(rules: RuleSet, name: string): Time {
  return rules.message(name) as Time;
}

function times(rules: RuleSet, name: string): readonly Time[] {
  return rules.messages(name) as readonly Time[];
}

function durationText(time: Time): string {
  return toJson(DurationSchema, time as Message<"google.protobuf.Duration"> & Time);
}

function timestampText(time: Time): string {
  return toJson(TimestampSchema, time as Message<"google.protobuf.Timestamp"> & Time);
}
