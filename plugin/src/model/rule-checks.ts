import { type RuleSet, UnknownRule } from "./rule-set.js";
import { boundsCheck, boundsOf, listChecks, sizeCheck } from "./shared-rule-checks.js";
import { bytesChecks, textChecks } from "./text-rule-checks.js";
import { durationChecks, timestampChecks } from "./time-rule-checks.js";
import type { Bound, Literal, RuleCheck } from "./validation.js";

/**
 * The checks of one kind of rules, in protovalidate's order. What is about elements, entries and an enum's values stands elsewhere.
 *
 * @throws {UnknownRule} if one of them isn't checked by generated code
 */
export function ruleChecks(rules: RuleSet): readonly RuleCheck[] {
  switch (rules.name) {
    case "string":
      return textChecks(rules);
    case "bytes":
      return bytesChecks(rules);
    case "bool":
      return constCheck(rules);
    case "enum":
      return [...constCheck(rules), ...listChecks(rules)];
    case "repeated":
      return listSizeChecks(rules);
    case "map":
      return [
        ...sizeCheck(rules, "min_pairs", "entryCount", "<", (size) => `map must be at least ${size} entries`),
        ...sizeCheck(rules, "max_pairs", "entryCount", ">", (size) => `map must be at most ${size} entries`),
      ];
    case "any":
      return [
        ...typeCheck(rules, "in", "type URL must be in the allow list", true),
        ...typeCheck(rules, "not_in", "type URL must not be in the block list", false),
      ];
    case "duration":
      return durationChecks(rules);
    case "timestamp":
      return timestampChecks(rules);
    case "field_mask":
      return maskChecks(rules);
    default:
      return numberChecks(rules);
  }
}

function numberChecks(rules: RuleSet): readonly RuleCheck[] {
  return [
    ...constCheck(rules),
    ...rangeCheck(rules),
    ...listChecks(rules),
    ...(rules.get("finite") === true ? rules.check("finite", "must be finite", { kind: "infinite" }) : []),
  ];
}

function constCheck(rules: RuleSet): readonly RuleCheck[] {
  return rules.given("const", (value) => [
    `must equal ${value}`,
    { kind: "compare", measure: "value", operator: "!==", bound: value as Literal },
  ]);
}

function typeCheck(rules: RuleSet, name: string, message: string, not: boolean): readonly RuleCheck[] {
  return rules.given(name, () => [
    message,
    { kind: "listed", measure: "typeUrl", values: rules.list(name) as readonly string[], not },
  ]);
}

function listSizeChecks(rules: RuleSet): readonly RuleCheck[] {
  return [
    ...sizeCheck(rules, "min_items", "length", "<", (size) => `must contain at least ${size} item(s)`),
    ...sizeCheck(rules, "max_items", "length", ">", (size) => `must contain no more than ${size} item(s)`),
    ...(rules.get("unique") === true
      ? rules.check("unique", "repeated value must contain unique items", { kind: "repeats", of: "others" })
      : []),
  ];
}

function rangeCheck(rules: RuleSet): readonly RuleCheck[] {
  const bounds = boundsOf((name) => rules.get(name) as number | bigint | undefined);
  if (bounds.some(({ value }) => Number.isNaN(value))) {
    throw new UnknownRule(`a bound of ${rules.name} that is no number`);
  }
  const [lower, upper] = bounds;
  const isApart = lower !== undefined && upper !== undefined && upper.value < lower.value;
  const conditions = bounds.map(({ operator, value }): Bound => ({ operator, value }));
  return boundsCheck(rules, bounds, isApart, String, {
    kind: "outside",
    bounds: conditions,
    joined: isApart ? "||" : "&&",
  });
}

function maskChecks(rules: RuleSet): readonly RuleCheck[] {
  const constant = rules.message("const") as { readonly paths: readonly string[] } | undefined;
  const paths = (name: string): readonly string[] => rules.list(name) as readonly string[];
  const shown = (list: readonly string[]): string => `[${list.join(", ")}]`;
  return [
    ...rules.given("const", () => [
      `must equal paths ${shown(constant?.paths ?? [])}`,
      { kind: "paths", test: "areSamePaths", paths: constant?.paths ?? [] },
    ]),
    ...rules.given("in", () => [
      `must only contain paths in ${shown(paths("in"))}`,
      { kind: "paths", test: "isMaskWithin", paths: paths("in") },
    ]),
    ...rules.given("not_in", () => [
      `must not contain any paths in ${shown(paths("not_in"))}`,
      { kind: "paths", test: "isMaskWithout", paths: paths("not_in") },
    ]),
  ];
}
