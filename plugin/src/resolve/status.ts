import { Status } from "../read/options.js";

/** The name of a gRPC status, as `google.rpc.Code` and `accord.v1.Status` spell it. */
export type StatusName = keyof typeof Status;

/** The name of a status; one that doesn't exist (no valid contract has it) is `UNKNOWN`. */
export function statusName(status: Status): StatusName {
  return (Status[status] as StatusName | undefined) ?? "UNKNOWN";
}
