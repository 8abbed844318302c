import { statusName as nameOfStatus, type StatusName } from "@accord-grpc/runtime/contract";
import type { Status } from "../read/options.js";

export type { StatusName };

/** The name of a status; one that doesn't exist (no valid contract has it) is `UNKNOWN`. */
export function statusName(status: Status): StatusName {
  return nameOfStatus(status);
}
