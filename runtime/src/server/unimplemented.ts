import type { CallContext } from "../call/call-context.js";
import { RefusedCall } from "../call/call-failure.js";
import { Status } from "../wire/status.js";

/**
 * Makes the error of a method that isn't written yet: `throw unimplemented(context)`.
 *
 * The caller gets UNIMPLEMENTED, as for a method that the server doesn't know, and the log says which one it was.
 */
export function unimplemented(context: CallContext): Error {
  return new RefusedCall(Status.UNIMPLEMENTED, `The method ${context.path} is not implemented`);
}
