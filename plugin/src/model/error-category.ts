import type { ErrorCategory, StatusName } from "./model.js";

const CATEGORIES: Readonly<Record<StatusName, ErrorCategory>> = {
  // No valid contract has an error that is OK.
  OK: "Unknown",
  CANCELLED: "Cancelled",
  UNKNOWN: "Unknown",
  INVALID_ARGUMENT: "InvalidArgument",
  DEADLINE_EXCEEDED: "Unavailable",
  NOT_FOUND: "NotFound",
  ALREADY_EXISTS: "Conflict",
  PERMISSION_DENIED: "PermissionDenied",
  RESOURCE_EXHAUSTED: "ResourceExhausted",
  FAILED_PRECONDITION: "FailedPrecondition",
  ABORTED: "Conflict",
  OUT_OF_RANGE: "InvalidArgument",
  UNIMPLEMENTED: "Unknown",
  INTERNAL: "Unknown",
  UNAVAILABLE: "Unavailable",
  DATA_LOSS: "Unknown",
  UNAUTHENTICATED: "Unauthenticated",
};

/** The class of errors that a status belongs to. */
export function categoryOf(status: StatusName): ErrorCategory {
  return CATEGORIES[status];
}
