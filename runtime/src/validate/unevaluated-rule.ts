import type { Violation } from "./violation.js";

/** The id of a rule that isn't known, but couldn't be evaluated. */
export const UNEVALUATED = "accord.unevaluated";

/**
 * A rule can't be evaluated for a value, so that nothing is proven of the message that holds it: protovalidate calls that a runtime error.
 * It is of the value's making, hence no defect of the server's.
 */
export class UnevaluatedRule extends Error {
  override readonly name = "UnevaluatedRule";

  /** @param violation what is told of it. Which value it was, is known only where the rule is. */
  constructor(
    readonly violation: Violation,
    options?: ErrorOptions,
  ) {
    super(`${violation.rule.id}: ${violation.message}`, options);
  }
}
