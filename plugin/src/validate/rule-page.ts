/** Where the rules are explained. */
const RULES_PAGE = "https://github.com/accord-grpc/accord/blob/main/docs/rules.md";

/** The address of what is said of a rule, with an example: each diagnostic ends with it. */
export function rulePage(rule: string): string {
  return `${RULES_PAGE}#${rule.toLowerCase()}`;
}
