import type { Attributes } from "@opentelemetry/api";
import { askedConventions } from "../call/rpc-conventions.js";
import { Status, statusName } from "../wire/status.js";

/**
 * How a call ended, by the names of OpenTelemetry's conventions: `rpc.status_code` since 1.45, and `rpc.response.status_code`, which it was
 * until 1.44 and which dashboards and collectors still ask for.
 *
 * @param isError whether it counts as a failure of the side that tells it
 */
export function responseAttributes(status: Status, isError: boolean): Attributes {
  const name = statusName(status);
  return { "rpc.status_code": name, "rpc.response.status_code": name, ...(isError && { "error.type": name }) };
}

/** As {@link responseAttributes}, for a span: with the name that it had before, for whoever asks for it. */
export function spanResponseAttributes(status: Status, isError: boolean): Attributes {
  const attributes = responseAttributes(status, isError);
  return askedConventions().oldNames ? { ...attributes, "rpc.grpc.status_code": status } : attributes;
}

// The statuses that the conventions count as failures of a server. The others are answers to a caller's fault.
const SERVER_FAULTS: ReadonlySet<Status> = new Set<Status>([
  Status.UNKNOWN,
  Status.DEADLINE_EXCEEDED,
  Status.UNIMPLEMENTED,
  Status.INTERNAL,
  Status.UNAVAILABLE,
  Status.DATA_LOSS,
]);

/** Whether a status is a failure of the server that gave it. */
export function isServerFault(status: Status): boolean {
  return SERVER_FAULTS.has(status);
}
