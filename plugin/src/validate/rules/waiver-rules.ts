import type { Waiver } from "../../read/options.js";
import type { OptionPlace } from "../../read/place.js";
import type { ResolvedContract } from "../../resolve/resolved-contract.js";
import { annotatedServices, checkedFiles } from "../elements.js";
import { type CheckContext, defineRules, type Report } from "../rule.js";
import { didYouMean, quoted } from "../wording.js";

/** Rules on the silencing of rules. */
export const WAIVER_RULES = defineRules({
  WAIVER_UNKNOWN: {
    severity: "error",
    waivable: false,
    description: "`allow` names a rule that doesn't exist.",
    check: checkUnknown,
  },
  WAIVER_FORBIDDEN: {
    severity: "error",
    waivable: false,
    description: "`allow` names a rule that can't be silenced.",
    check: checkForbidden,
  },
  WAIVER_REASON: {
    severity: "error",
    waivable: false,
    description: "`allow` without a reason.",
    check: checkReason,
  },
});

/** The last of all rules: it can tell only when the others are done. */
export const LAST_RULES = defineRules({
  WAIVER_UNUSED: {
    severity: "warning",
    waivable: false,
    description: "`allow` silences nothing.",
    check: checkUnused,
  },
});

function* waivers(contract: ResolvedContract): Generator<{ waiver: Waiver; at: OptionPlace<Waiver> }> {
  for (const file of checkedFiles(contract)) {
    yield* listed(file.options.allow, (element) => file.at.at("allow", element));
  }
  for (const { raw } of annotatedServices(contract)) {
    yield* listed(raw.options.allow, (element) => raw.at.at("allow", element));
    for (const method of raw.methods) {
      yield* listed(method.options.allow, (element) => method.at.at("allow", element));
    }
  }
}

function* listed(
  allow: readonly Waiver[],
  placeOf: (element: { index: number; of: number }) => OptionPlace<Waiver>,
): Generator<{ waiver: Waiver; at: OptionPlace<Waiver> }> {
  for (const [index, waiver] of allow.entries()) {
    yield { waiver, at: placeOf({ index, of: allow.length }) };
  }
}

function checkUnknown({ contract, rules }: CheckContext, report: Report): void {
  for (const { waiver, at } of waivers(contract)) {
    if (waiver.rule === "") {
      report(at, '`allow` names no rule: say which, as diagnostics print it, like `rule: "RETRY_CODES"`.');
    } else if (!rules.has(waiver.rule)) {
      report(at.at("rule"), `There is no rule ${quoted(waiver.rule)}.${didYouMean(waiver.rule, [...rules.keys()])}`);
    }
  }
}

function checkForbidden({ contract, rules }: CheckContext, report: Report): void {
  for (const { waiver, at } of waivers(contract)) {
    if (rules.get(waiver.rule)?.waivable === false) {
      report(
        at.at("rule"),
        `${waiver.rule} can't be silenced: what breaks it can't be generated, or can't work. Remove the waiver, and do what the rule says.`,
      );
    }
  }
}

function checkReason({ contract }: CheckContext, report: Report): void {
  for (const { waiver, at } of waivers(contract)) {
    if (waiver.reason.trim() === "") {
      report(
        at,
        `The waiver of ${waiver.rule || "a rule"} has no reason: the next reader needs to know why it doesn't hold here.`,
      );
    }
  }
}

function checkUnused({ contract, rules, usedWaivers }: CheckContext, report: Report): void {
  for (const { waiver, at } of waivers(contract)) {
    if (rules.get(waiver.rule)?.waivable === true && !usedWaivers.has(waiver)) {
      report(at, `Nothing here breaks ${waiver.rule}: remove the waiver.`);
    }
  }
}
