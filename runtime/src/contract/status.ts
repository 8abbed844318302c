/**
 * The gRPC status codes, with the names and numbers of `google.rpc.Code`.
 *
 * A constant of our own, so that generated code needs nothing of grpc-js to name a status.
 */
export const Status = {
  OK: 0,
  CANCELLED: 1,
  UNKNOWN: 2,
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  ALREADY_EXISTS: 6,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  ABORTED: 10,
  OUT_OF_RANGE: 11,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
  DATA_LOSS: 15,
  UNAUTHENTICATED: 16,
} as const;

/** A gRPC status code: 0 to 16. */
export type Status = (typeof Status)[keyof typeof Status];

/** The name of a gRPC status code: `UNAVAILABLE`. */
export type StatusName = keyof typeof Status;

const NAMES = Object.keys(Status) as StatusName[];

/** The name of a status: `statusName(14)` is `UNAVAILABLE`. */
export function statusName(status: Status): StatusName {
  return NAMES[status] ?? "UNKNOWN";
}
