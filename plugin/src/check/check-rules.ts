import type { CheckCategory, CheckRule } from "../buf-plugin/index.js";
import { CHANGE_RULES, type ChangeRuleId } from "../cli/breaking/contract-change.js";
import { CATALOG_RULES } from "../validate/rules/catalog-rules.js";
import { CHANNEL_RULES } from "../validate/rules/channel-rules.js";
import { DEPLOYMENT_RULES } from "../validate/rules/deployment-rules.js";
import { ERROR_RULES } from "../validate/rules/error-rules.js";
import { EXCEPTION_RULES } from "../validate/rules/exception-rules.js";
import { IDEMPOTENCY_RULES } from "../validate/rules/idempotency-rules.js";
import { LOG_KEY_RULES } from "../validate/rules/log-key-rules.js";
import { LOG_PATH_RULES } from "../validate/rules/log-path-rules.js";
import { RAISES_RULES } from "../validate/rules/raises-rules.js";
import { RESEND_RULES } from "../validate/rules/resend-rules.js";
import { RETRY_RULES } from "../validate/rules/retry-rules.js";
import { RULES, type RuleId } from "../validate/rules.js";

/** The category of all rules, and those of single topics. */
export const CHECK_CATEGORIES = [
  { id: "ACCORD", purpose: "Checks contracts that protos make by Accord's options." },
  { id: "ACCORD_ERRORS", purpose: "Checks what a contract says of errors." },
  { id: "ACCORD_RETRIES", purpose: "Checks what a contract says of retries, hedging and repetition." },
  { id: "ACCORD_LOGS", purpose: "Checks what a contract says of logs and redaction." },
  { id: "ACCORD_DEPLOYMENT", purpose: "Checks what a contract says of channels and deployment." },
] as const satisfies readonly CheckCategory[];

type CategoryId = (typeof CHECK_CATEGORIES)[number]["id"];

const TOPICS: ReadonlyMap<string, CategoryId> = new Map([
  ...topic("ACCORD_ERRORS", CATALOG_RULES, ERROR_RULES, EXCEPTION_RULES, RAISES_RULES),
  ...topic("ACCORD_RETRIES", RETRY_RULES, RESEND_RULES, IDEMPOTENCY_RULES),
  ...topic("ACCORD_LOGS", LOG_PATH_RULES, LOG_KEY_RULES),
  ...topic("ACCORD_DEPLOYMENT", CHANNEL_RULES, DEPLOYMENT_RULES),
]);

const CHANGE_TOPICS: readonly (readonly [RegExp, CategoryId])[] = [
  [/^(?:ERROR|EXCEPTION|RAISE)_/, "ACCORD_ERRORS"],
  [/^(?:RETRY|IDEMPOTENCY)_/, "ACCORD_RETRIES"],
  [/^(?:LOG|REDACTION)_/, "ACCORD_LOGS"],
];

/** What buf takes for a purpose, in characters. */
const LONGEST_PURPOSE = 256;

/** The id by which buf knows a rule. Those of all plugins and of buf itself are in one list. */
export function checkRuleId(rule: RuleId | ChangeRuleId): string {
  return `ACCORD_${rule}`;
}

/** The rules of contracts, for `buf lint`; and what breaks callers, for `buf breaking`. */
export const CHECK_RULES: readonly CheckRule[] = [
  ...(Object.keys(RULES) as RuleId[]).map((id): CheckRule => {
    const category = TOPICS.get(id);
    return {
      id: checkRuleId(id),
      type: "lint",
      purpose: purposeOf("Checks for", RULES[id].description),
      categories: category === undefined ? ["ACCORD"] : ["ACCORD", category],
    };
  }),
  ...(Object.keys(CHANGE_RULES) as ChangeRuleId[]).map((id): CheckRule => {
    const category = CHANGE_TOPICS.find(([pattern]) => pattern.test(id))?.[1];
    return {
      id: checkRuleId(id),
      type: "breaking",
      purpose: purposeOf("Checks whether", CHANGE_RULES[id].description),
      categories: category === undefined ? ["ACCORD"] : ["ACCORD", category],
    };
  }),
];

function topic(category: CategoryId, ...groups: readonly object[]): (readonly [string, CategoryId])[] {
  return groups.flatMap((group) => Object.keys(group).map((id) => [id, category] as const));
}

/** A description as buf takes a purpose: one line, with the sentences that have room. */
function purposeOf(verb: string, description: string): string {
  const [first = "", ...sentences] = description.split(/(?<=\.) (?=[A-Z`])/);
  let purpose = `${verb} ${first.replace(/^[A-Z](?=[a-z]* )/, (letter) => letter.toLowerCase())}`;
  for (const sentence of sentences) {
    if (purpose.length + 1 + sentence.length > LONGEST_PURPOSE) {
      break;
    }
    purpose = `${purpose} ${sentence}`;
  }
  return purpose;
}
