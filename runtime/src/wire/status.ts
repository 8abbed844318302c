import { Status } from "../contract/status.js";

export { Status, type StatusName, statusName } from "../contract/status.js";

/** Whatever a peer sent as `grpc-status`: codes that don't exist, and NaN, become UNKNOWN. */
export function normalizeStatus(code: number): Status {
  return Number.isInteger(code) && code >= 0 && code <= 16 ? (code as Status) : Status.UNKNOWN;
}
