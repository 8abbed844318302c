import { VERIFY_RULES, type VerifyRuleId, type VerifySeverity } from "./verify-rules.js";

/** Something that a server does otherwise than its contract says. */
export interface VerifyFinding {
  readonly rule: VerifyRuleId;
  readonly severity: VerifySeverity;
  /** `ledger.v1.LedgerService.GetAccount`, the service's name, or undefined for the server as a whole. */
  readonly subject: string | undefined;
  /** What was seen, and what the contract says. */
  readonly text: string;
  /** The call that showed it: `{"accountId":"a"} without deadline`. */
  readonly call: string | undefined;
  /** How often it was seen. */
  readonly count: number;
}

/** What was found so far. The same thing is told once, with the first call that showed it. */
export class Findings {
  readonly #ignored: ReadonlySet<string>;
  readonly #found = new Map<string, VerifyFinding>();

  constructor(ignored: ReadonlySet<string> = new Set()) {
    this.#ignored = ignored;
  }

  add(rule: VerifyRuleId, subject: string | undefined, text: string, call?: string): void {
    if (this.#ignored.has(rule)) {
      return;
    }
    const key = JSON.stringify([rule, subject, text]);
    const known = this.#found.get(key);
    const { severity } = VERIFY_RULES[rule];
    this.#found.set(
      key,
      known === undefined ? { rule, severity, subject, text, call, count: 1 } : { ...known, count: known.count + 1 },
    );
  }

  /** In the order in which they were first seen. */
  get all(): readonly VerifyFinding[] {
    return [...this.#found.values()];
  }
}
