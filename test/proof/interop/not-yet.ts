// What gRPC's interoperability tests ask for and Accord's API hasn't got. Each function is where it belongs when it has; the cases
// that need it are known failures until then.
import type { CallContext } from "@accord-grpc/runtime";

/** On the server: fails the call with INVALID_ARGUMENT if its last message wasn't compressed, and should have been. */
export function checkCompressed(_context: CallContext, _expected: boolean | undefined): void {
  // A handler isn't told whether a message came compressed.
}

/** On the server: compresses the next response, or doesn't. */
export function sendCompressed(_context: CallContext, _wanted: boolean | undefined): void {
  // Responses can't be compressed.
}

/** On the client: whether the responses of a call came compressed. */
export function cameCompressed(): readonly boolean[] {
  throw new NotYet("the client isn't told whether a message came compressed");
}

/** Something that Accord hasn't got. */
export class NotYet extends Error {
  override readonly name = "NotYet";
}
