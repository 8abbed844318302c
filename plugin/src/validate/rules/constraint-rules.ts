import { RE2JS } from "@bufbuild/re2";
import { messageRules, messageRulesPlace } from "../../read/validate/validation-options.js";
import { messageOf } from "../../thrown-message.js";
import { checkedMessages, constraintsOf } from "../constraints.js";
import { type CheckContext, defineRules, type Report } from "../rule.js";
import { didYouMean, listed, quoted } from "../wording.js";

/** Rules on the rules of `buf.validate`. */
export const CONSTRAINT_RULES = defineRules({
  VALIDATE_TYPE: {
    severity: "error",
    waivable: false,
    description:
      "Rules of `buf.validate` for a value of another type, or `unique` for messages, which can't be compared.",
    check: checkTypes,
  },
  VALIDATE_PATTERN: {
    severity: "error",
    waivable: false,
    description: "A `pattern` of `buf.validate` that isn't one of RE2's.",
    check: checkPatterns,
  },
  VALIDATE_ONEOF: {
    severity: "error",
    waivable: false,
    description:
      "A `oneof` rule of `buf.validate` on a message that names no field, one that doesn't exist, or one twice.",
    check: checkOneofs,
  },
});

function checkTypes({ contract }: CheckContext, report: Report): void {
  for (const { field, label, kind, given, place, placeOf, ruleValue } of constraintsOf(contract)) {
    if (given !== kind) {
      const advice =
        kind === undefined
          ? "none but `required`, `ignore` and `cel` do. Remove them."
          : `write \`${kind}\`, or remove them.`;
      report(place, `Rules for ${given} don't fit ${label}: ${advice}`);
    } else if (ruleValue("unique") === true && field.fieldKind === "list" && field.listKind === "message") {
      report(
        placeOf("unique"),
        `The elements of ${field.name} are messages, which protovalidate doesn't compare: remove \`unique\`, or write a rule in CEL.`,
      );
    }
  }
}

function checkPatterns({ contract }: CheckContext, report: Report): void {
  for (const { label, placeOf, ruleValue } of constraintsOf(contract)) {
    const pattern = ruleValue("pattern");
    if (typeof pattern !== "string") {
      continue;
    }
    try {
      RE2JS.compile(pattern);
    } catch (error) {
      report(
        placeOf("pattern"),
        `The pattern of ${label} isn't one of RE2's: ${messageOf(error)}. RE2 has no references back and looks neither ahead nor behind: https://github.com/google/re2/wiki/Syntax`,
      );
    }
  }
}

function checkOneofs({ contract }: CheckContext, report: Report): void {
  for (const message of checkedMessages(contract)) {
    const rules = messageRules(message);
    if (rules === undefined || rules === "unreadable") {
      continue;
    }
    const names = message.fields.map(({ name }) => name);
    for (const [index, { fields }] of rules.oneof.entries()) {
      const place = messageRulesPlace(message).at("oneof", { index, of: rules.oneof.length });
      if (fields.length === 0) {
        report(place, `A \`oneof\` rule of ${message.name} names no field: name those of which one may be set.`);
      }
      const unknown = fields.filter((name) => !names.includes(name));
      if (unknown.length > 0) {
        const hint = unknown.map((name) => didYouMean(name, names)).join("");
        report(place, `${message.name} has no field ${listed(unknown.map(quoted), "or")}.${hint}`);
      }
      const repeated = fields.filter((name, at) => fields.indexOf(name) < at);
      if (repeated.length > 0) {
        report(place, `A \`oneof\` rule of ${message.name} names ${listed(repeated)} twice: remove one.`);
      }
    }
  }
}
