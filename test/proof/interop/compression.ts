import { type CallContext, Status, StatusError } from "@accord-grpc/runtime";

/** On the server: fails the call with INVALID_ARGUMENT if its last message wasn't compressed, and should have been. */
export function checkCompressed({ requestCompressed }: CallContext, expected: boolean | undefined): void {
  if (expected === true && requestCompressed !== true) {
    throw new StatusError(Status.INVALID_ARGUMENT, "The message should have come compressed, and didn't");
  }
}

/** On the server: compresses the next response, or doesn't. */
export function sendCompressed(context: CallContext, wanted: boolean | undefined): void {
  if (wanted !== undefined) {
    context.compress = wanted;
  }
}
