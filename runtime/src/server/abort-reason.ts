import { Status } from "../wire/status.js";

/** Why a handler's signal is aborted. */
export function abortReason(status: Status): Error {
  switch (status) {
    case Status.DEADLINE_EXCEEDED:
      return new DOMException("The call's deadline has passed", "TimeoutError");
    case Status.CANCELLED:
      return new DOMException("The caller cancelled the call", "AbortError");
    default:
      return new DOMException("The call was ended before its handler", "AbortError");
  }
}
