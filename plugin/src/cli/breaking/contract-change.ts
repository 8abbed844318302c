import type { Place } from "../../read/place.js";

/** What a change of a contract can break, by the id that is printed. Errors break callers; warnings break their builds, or may. */
export const CHANGE_RULES = {
  ERROR_REMOVED: {
    severity: "error",
    description: "An error is no longer declared: callers that look for its code never find it.",
  },
  ERROR_CODE_CHANGED: { severity: "error", description: "An error's business code is another one." },
  ERROR_STATUS_CHANGED: { severity: "error", description: "An error travels under another status." },
  ERROR_METADATA_REMOVED: { severity: "error", description: "An error no longer carries a metadata key." },
  ERROR_DETAILS_REMOVED: { severity: "error", description: "An error no longer carries a message among its details." },
  ERROR_DOMAIN_CHANGED: {
    severity: "error",
    description: "The package's errors have another domain in `google.rpc.ErrorInfo`.",
  },
  ERROR_DETAIL_CHANGED: {
    severity: "error",
    description: "The package's errors no longer carry the detail message that they did.",
  },
  ERROR_PARENT_CHANGED: {
    severity: "error",
    description: "An error is no longer a case of its parent: who catches the parent misses it.",
  },
  ERROR_RESEND_ALLOWED: {
    severity: "error",
    description: "The server no longer forbids sending a call again after an error.",
  },
  EXCEPTION_RENAMED: {
    severity: "warning",
    description: "An error's class has another name: code that names it doesn't compile.",
  },
  RAISE_ADDED: {
    severity: "warning",
    description: "A method raises a further error: an exhaustive switch doesn't compile.",
  },
  RETRY_WIDENED: {
    severity: "error",
    description:
      "A method is sent again more often, sooner, after more statuses, or at all; or retries no longer stop while most calls fail.",
  },
  RESUME_REMOVED: {
    severity: "error",
    description: "Clients no longer go on with a method's streams where these broke, or do so by other fields.",
  },
  TIMEOUT_LOWERED: { severity: "error", description: "A method's default deadline is shorter, or gone." },
  MAX_TIMEOUT_LOWERED: { severity: "error", description: "The server grants a method less time." },
  SIZE_LOWERED: { severity: "error", description: "A method takes or gives only smaller messages." },
  AUTH_TIGHTENED: { severity: "error", description: "A method asks more of its callers." },
  AUTH_LOOSENED: { severity: "error", description: "A method asks less of its callers." },
  IDEMPOTENCY_KEY_REMOVED: {
    severity: "error",
    description: "Clients no longer fill a method's request id, by which repetitions are recognised.",
  },
  IDEMPOTENCY_LOWERED: {
    severity: "error",
    description: "A method no longer promises that a repetition does no harm.",
  },
  CACHE_WIDENED: {
    severity: "error",
    description: "Answers of a method may be older, or are kept by caches that kept none of them.",
  },
  REDACTION_REMOVED: { severity: "error", description: "A field is no longer redacted: its value appears in logs." },
  LOG_UNMASKED: { severity: "error", description: "A logged field is shown with less of a mask." },
} as const satisfies Readonly<Record<string, { severity: "error" | "warning"; description: string }>>;

/** The id of a kind of change. */
export type ChangeRuleId = keyof typeof CHANGE_RULES;

/** A change of a contract that breaks something. */
export interface ContractChange {
  readonly rule: ChangeRuleId;
  /** Where, in the contract as it is now. */
  readonly place: Place;
  /** What was, and what is. */
  readonly message: string;
}

/** Tells of a change. */
export type ReportChange = (rule: ChangeRuleId, place: Place, message: string) => void;
