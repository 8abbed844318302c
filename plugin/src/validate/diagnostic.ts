import { lineText } from "@accord-grpc/runtime/contract";
import { rulePage } from "./rule-page.js";
import type { RuleId } from "./rules.js";
import type { Severity } from "./severity.js";

/** Something wrong in a contract, and where. */
export interface Diagnostic {
  /** The rule that it breaks: `RETRY_CODES`. */
  readonly rule: RuleId;
  readonly severity: Severity;
  /** The proto file, as the compiler names it: `ledger/v1/ledger.proto`. */
  readonly path: string;
  /** 1-based. */
  readonly line: number;
  /** 1-based. */
  readonly column: number;
  /** What is wrong, and what to do. */
  readonly message: string;
}

/**
 * A diagnostic as one line, whatever it quotes, with the address of its rule's page at the end:
 * `ledger/v1/ledger.proto:12:5: error RETRY_STREAM: … https://…#retry_stream`.
 */
export function renderDiagnostic(diagnostic: Diagnostic): string {
  const { path, line, column, severity, rule, message } = diagnostic;
  return lineText(`${path}:${line}:${column}: ${severity} ${rule}: ${message} ${rulePage(rule)}`);
}
