import { ANNOTATION_RULES } from "./annotation-rules.js";
import { AUTH_RULES } from "./auth-rules.js";
import { CALL_RULES } from "./call-rules.js";
import { CATALOG_RULES } from "./catalog-rules.js";
import { CHANNEL_RULES } from "./channel-rules.js";
import { CONSTRAINT_BOUNDS_RULES } from "./constraint-bounds-rules.js";
import { CONSTRAINT_RULES } from "./constraint-rules.js";
import { DEPLOYMENT_RULES } from "./deployment-rules.js";
import { DURATION_RULES } from "./duration-rules.js";
import { ERROR_DETAIL_RULES } from "./error-detail-rules.js";
import { ERROR_RULES } from "./error-rules.js";
import { EXCEPTION_RULES } from "./exception-rules.js";
import { IDEMPOTENCY_RULES } from "./idempotency-rules.js";
import { LOG_KEY_RULES } from "./log-key-rules.js";
import { LOG_PATH_RULES } from "./log-path-rules.js";
import { LOG_POLICY_RULES } from "./log-policy-rules.js";
import { NAME_RULES } from "./name-rules.js";
import { OPTION_RULES } from "./option-rules.js";
import { PACKAGE_RULES } from "./package-rules.js";
import { PARTIAL_PACKAGE_RULES } from "./partial-package-rules.js";
import { PATH_RULES } from "./path-rules.js";
import { RAISES_RULES } from "./raises-rules.js";
import { REFUSAL_RULES } from "./refusal-rules.js";
import { RESEND_RULES } from "./resend-rules.js";
import { RESUME_RULES } from "./resume-rules.js";
import { RETRY_RULES } from "./retry-rules.js";
import { LAST_RULES, WAIVER_RULES } from "./waiver-rules.js";

/**
 * All rules of the contract language, by the id that diagnostics print. The table of rules in the docs is made of this one.
 */
export const RULES = {
  ...RETRY_RULES,
  ...RESEND_RULES,
  ...RESUME_RULES,
  ...CALL_RULES,
  ...DURATION_RULES,
  ...IDEMPOTENCY_RULES,
  ...RAISES_RULES,
  ...CATALOG_RULES,
  ...ERROR_RULES,
  ...ERROR_DETAIL_RULES,
  ...EXCEPTION_RULES,
  ...LOG_PATH_RULES,
  ...LOG_KEY_RULES,
  ...LOG_POLICY_RULES,
  ...CHANNEL_RULES,
  ...AUTH_RULES,
  ...PACKAGE_RULES,
  ...PARTIAL_PACKAGE_RULES,
  ...DEPLOYMENT_RULES,
  ...NAME_RULES,
  ...PATH_RULES,
  ...CONSTRAINT_RULES,
  ...CONSTRAINT_BOUNDS_RULES,
  ...REFUSAL_RULES,
  ...OPTION_RULES,
  ...ANNOTATION_RULES,
  ...WAIVER_RULES,
  ...LAST_RULES,
};

/** The id of a rule: `RETRY_CODES`. */
export type RuleId = keyof typeof RULES;
