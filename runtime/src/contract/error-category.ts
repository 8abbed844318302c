import type { StatusName } from "./status.js";

/** A class of errors that share a treatment; each package's hierarchy has a class for each of them. */
export type ErrorCategory =
  | "Unavailable"
  | "InvalidArgument"
  | "Conflict"
  | "NotFound"
  | "FailedPrecondition"
  | "PermissionDenied"
  | "Unauthenticated"
  | "ResourceExhausted"
  | "Cancelled"
  | "Unknown";

/** The class of errors that a status belongs to. */
export const CATEGORY_OF_STATUS: Readonly<Record<StatusName, ErrorCategory>> = {
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
