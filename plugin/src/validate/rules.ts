import { ANNOTATION_RULES } from "./rules/annotation-rules.js";
import { AUTH_RULES } from "./rules/auth-rules.js";
import { CACHE_RULES } from "./rules/cache-rules.js";
import { CALL_RULES } from "./rules/call-rules.js";
import { CATALOG_RULES } from "./rules/catalog-rules.js";
import { CHANNEL_RULES } from "./rules/channel-rules.js";
import { CONSTRAINT_BOUNDS_RULES } from "./rules/constraint-bounds-rules.js";
import { CONSTRAINT_RULES } from "./rules/constraint-rules.js";
import { DEPLOYMENT_RULES } from "./rules/deployment-rules.js";
import { DURATION_RULES } from "./rules/duration-rules.js";
import { ERROR_DETAIL_RULES } from "./rules/error-detail-rules.js";
import { ERROR_RULES } from "./rules/error-rules.js";
import { EXCEPTION_RULES } from "./rules/exception-rules.js";
import { IDEMPOTENCY_RULES } from "./rules/idempotency-rules.js";
import { LOG_KEY_RULES } from "./rules/log-key-rules.js";
import { LOG_PATH_RULES } from "./rules/log-path-rules.js";
import { LOG_POLICY_RULES } from "./rules/log-policy-rules.js";
import { NAME_RULES } from "./rules/name-rules.js";
import { OPTION_RULES } from "./rules/option-rules.js";
import { PACKAGE_RULES } from "./rules/package-rules.js";
import { PARTIAL_PACKAGE_RULES } from "./rules/partial-package-rules.js";
import { PATH_RULES } from "./rules/path-rules.js";
import { RAISES_RULES } from "./rules/raises-rules.js";
import { REFUSAL_RULES } from "./rules/refusal-rules.js";
import { RESEND_RULES } from "./rules/resend-rules.js";
import { RESUME_RULES } from "./rules/resume-rules.js";
import { RETRY_RULES } from "./rules/retry-rules.js";
import { LAST_RULES, WAIVER_RULES } from "./rules/waiver-rules.js";

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
  ...CACHE_RULES,
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
