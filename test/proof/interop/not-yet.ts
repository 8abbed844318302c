// What gRPC's interoperability tests ask for and Accord's API hasn't got. Each function is where it belongs when it has; the cases
// that need it are known failures until then.
import type { CallContext, CallOptions } from "@accord-grpc/runtime";
import type { TestOrcaReport } from "../gen/interop/grpc/testing/messages_pb.js";

/** On the server: fails the call with INVALID_ARGUMENT if its last message wasn't compressed, and should have been. */
export function checkCompressed(_context: CallContext, _expected: boolean | undefined): void {
  // A handler isn't told whether a message came compressed.
}

/** On the server: compresses the next response, or doesn't. */
export function sendCompressed(_context: CallContext, _wanted: boolean | undefined): void {
  // Responses can't be compressed.
}

/** On the server: reports what the call cost (ORCA, gRFC A51), in the trailers. */
export function reportCallLoad(_context: CallContext, _report: TestOrcaReport | undefined): void {
  // There is no way to report it.
}

/** On the server: what the out-of-band service reports from now on. */
export function reportServerLoad(_context: CallContext, _report: TestOrcaReport | undefined): void {
  // There is no out-of-band service.
}

/** On the client: options with which messages of a stream are compressed one by one. */
export function compressEach(_compressed: readonly boolean[]): CallOptions {
  throw new NotYet("the client can't choose for each message of a stream whether it is compressed");
}

/** On the client: whether the responses of a call came compressed. */
export function cameCompressed(): readonly boolean[] {
  throw new NotYet("the client isn't told whether a message came compressed");
}

/** On the client: the load report of a call that has ended, or the last one out of band. */
export function loadReport(_kind: "call" | "server"): TestOrcaReport | undefined {
  throw new NotYet("the client doesn't read ORCA load reports");
}

/** Something that Accord hasn't got. */
export class NotYet extends Error {
  override readonly name = "NotYet";
}
