const DOCS = "https://github.com/accord-grpc/accord/blob/main/docs";

/** How editors are set up, and what CI runs. */
export const EDITOR_PAGE = `${DOCS}/editor.md`;

/** The address of what is said of a rule, with an example: each diagnostic ends with it. */
export function rulePage(rule: string): string {
  return `${DOCS}/rules.md#${rule.toLowerCase()}`;
}
