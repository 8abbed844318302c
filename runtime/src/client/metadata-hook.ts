import type { DescMethod } from "@bufbuild/protobuf";
import type { Metadata } from "@grpc/grpc-js";
import type { CallContext } from "../call/call-context.js";
import { unawaited } from "../wire/unawaited.js";

/** A call that is about to be made, as a {@link MetadataHook} sees it. */
export interface OutgoingCall {
  readonly method: DescMethod;
  /** The call in whose handler this one is made. */
  readonly incoming: CallContext | undefined;
}

/**
 * Adds to the metadata of every call of a client: a trace's context, a request id, a tenant.
 *
 * It runs once per call, not once per attempt. What it throws is what the caller gets. It must be done when it returns: no call
 * waits for a promise, so one that returns a promise fails the call. What takes time is the work of `credentials`.
 */
export type MetadataHook = (metadata: Metadata, call: OutgoingCall) => void;

/**
 * Runs a client's hooks, in their order.
 *
 * @throws what a hook throws
 * @throws {TypeError} if one returns a promise, which would add to the metadata of a call that has left
 */
export function runMetadataHooks(hooks: readonly MetadataHook[], metadata: Metadata, call: OutgoingCall): void {
  for (const hook of hooks) {
    const answer: unknown = hook(metadata, call);
    if (typeof answer === "object" && answer !== null && "then" in answer) {
      unawaited(answer);
      throw new TypeError("A metadata hook returned a promise: it must be done when it returns");
    }
  }
}
