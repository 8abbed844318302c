import { abortOf } from "../call/abort-link.js";
import type { AbortSource } from "../call/abortable.js";
import type { CallContext } from "../call/call-context.js";
import { type CallStatus, clientStatus } from "../wire/call-status.js";
import { Status } from "../wire/status.js";

/** How a call ends that is aborted by its caller, or with the call in whose handler it was made. */
export function abortStatus(source: AbortSource, incoming: CallContext | undefined): CallStatus {
  const reason = abortOf(source)?.reason;
  if (incoming === undefined || (source !== incoming && source !== incoming.signal)) {
    return clientStatus(Status.CANCELLED, "Cancelled by the caller", reason);
  }
  // The incoming call's deadline is this one's too, and it may be the first to tell.
  return incoming.timeRemaining() <= 0
    ? clientStatus(Status.DEADLINE_EXCEEDED, "Deadline of the incoming call exceeded", reason)
    : clientStatus(Status.CANCELLED, `Cancelled with the incoming call ${incoming.path}`, reason);
}
