import type { ContractError, ContractErrorOptions } from "../errors/contract-error.js";
import { UNEVALUATED, UnevaluatedRule } from "./unevaluated-rule.js";
import type { Violation, Violations } from "./violation.js";
import { fieldPathText, violationDetails } from "./violations-proto.js";

/** What a message breaks: a generated `validateXxx`. */
export type Check<Message> = (message: Message) => Violations;

/** What a request breaks, for the metadata of the error that refuses it. It is logged, and says nothing of what fields hold. */
export interface BrokenRules {
  /** Where the first rule stands that is broken: `transfer.amount`. */
  readonly field: string;
  /** What that rule says: `must be greater than 0`. */
  readonly problem: string;
  /** Its id: `int64.gt`. */
  readonly rule: string;
  /** How many are broken. */
  readonly count: string;
}

/** The class of the error that refuses a request: what it carries is of {@link BrokenRules}. */
export type RefusalClass = new (metadata: BrokenRules, options?: ContractErrorOptions) => ContractError;

/** How requests that break rules are refused. */
export interface Refusal {
  readonly exception: RefusalClass;
  /** What that declares as its metadata. Default: all there is. */
  readonly keys?: readonly string[] | undefined;
}

/** The error that refuses a request; `undefined` if it breaks nothing. */
export function refusalOf<Message>(
  message: Message,
  check: Check<Message>,
  { exception, keys = ALL_KEYS }: Refusal,
): ContractError | undefined {
  const { violations, cause } = provenBy(check, message);
  if (violations === undefined) {
    return undefined;
  }
  const told: Partial<Record<keyof BrokenRules, string>> = { ...brokenRules(violations) };
  for (const key of ALL_KEYS.filter((each) => !keys.includes(each))) {
    delete told[key];
  }
  // Its class declares no others.
  return new exception(told as BrokenRules, { details: violationDetails(violations), ...(cause && { cause }) });
}

function provenBy<Message>(
  check: Check<Message>,
  message: Message,
): { violations: Violations; cause?: UnevaluatedRule } {
  try {
    return { violations: check(message) };
  } catch (error) {
    if (error instanceof UnevaluatedRule) {
      return { violations: [error.violation], cause: error };
    }
    throw error;
  }
}

const ALL_KEYS: readonly (keyof BrokenRules)[] = ["field", "problem", "rule", "count"];

/** What is told of violations to everybody. */
export function brokenRules(violations: readonly Violation[]): BrokenRules {
  const [first] = violations;
  return {
    field: first === undefined ? "" : fieldPathText(first.field, false),
    problem: first === undefined ? "" : publicText(first),
    rule: first?.rule.id ?? "",
    count: String(violations.length),
  };
}

/** The text of a rule in CEL may quote a field, and one that nobody may log. */
function publicText({ rule: { id, path }, message }: Violation): string {
  const last = path.at(-1)?.name ?? "";
  const isStandard = path.length > 0 ? !/^(\[|cel)/.test(last) : STANDARD_WITHOUT_PATH.includes(id);
  return isStandard ? message : `breaks the rule ${id}`;
}

const STANDARD_WITHOUT_PATH = ["required", "message.oneof", UNEVALUATED];
