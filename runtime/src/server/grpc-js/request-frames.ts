import type { ServerInterceptingCallInterface } from "@grpc/grpc-js";
import { Status } from "../../wire/status.js";

/** The part of grpc-js's own call that takes a request stream apart. All of it is optional, as in `transport-call.ts`. */
type FramesOfCall = ServerInterceptingCallInterface & {
  readonly decoder?: { readonly readState?: number };
  decompressMessage?: (framed: Buffer, encoding: string) => Buffer | Promise<Buffer>;
};

/** What the decoder's `readState` is between two messages. */
const BETWEEN_MESSAGES = 0;

/** Whether what has come so far ends within a message. grpc-js itself drops such a rest, as if it had never been. */
export function endsWithinMessage(transport: ServerInterceptingCallInterface): boolean {
  const { decoder } = transport as FramesOfCall;
  return (decoder?.readState ?? BETWEEN_MESSAGES) !== BETWEEN_MESSAGES;
}

/**
 * Has a call refuse messages whose flag says something else than its headers: compressed, though the call names no
 * encoding, or a flag that gRPC doesn't have. grpc-js takes both for messages as they are.
 */
export function refuseOddFlags(transport: ServerInterceptingCallInterface): void {
  (transport as FramesOfCall).decompressMessage = decompressChecked;
}

// One function for all calls, on the instance: the method that it replaces is the prototype's.
function decompressChecked(this: FramesOfCall, framed: Buffer, encoding: string): Buffer | Promise<Buffer> {
  const flag = framed[0] ?? 0;
  if (flag > 1 || (flag === 1 && encoding === "identity")) {
    const details =
      flag > 1 ? `A message has the flag ${flag}` : "A message is compressed, and the call has no encoding";
    return Promise.reject({ code: Status.INTERNAL, details });
  }
  const { decompressMessage } = Object.getPrototypeOf(this) as Required<FramesOfCall>;
  return decompressMessage.call(this, framed, encoding);
}
