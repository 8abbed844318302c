import type { Metadata } from "@grpc/grpc-js";
import type { CallContext, ContextKey } from "./call-context.js";

/** The metadata key that carries a request id from service to service. */
export const REQUEST_ID_KEY = "x-request-id";

/**
 * Where {@link CallContext.values} has the id of the request that a call belongs to: the one that the caller sent as
 * `x-request-id`, or one that was made for the call. It is on the call's log lines as `request_id`, unless the contract
 * binds something else there, and calls that the handler makes carry it on.
 *
 * `undefined` only in contexts made by hand.
 */
export const requestIdKey: ContextKey<string | undefined> = {
  // The same key in the ESM and the CommonJS copy of this package.
  id: Symbol.for("accord.requestId.v1"),
  defaultValue: undefined,
};

// Ids come from outside, and go into logs and into further calls: what gRPC's metadata may hold, but not too much of it.
const REQUEST_ID = /^[\x20-\x7e]{1,128}$/;

/** The id that a caller has sent, if it can be used: of at most 128 characters of ASCII. */
export function usableRequestId(sent: string | undefined): string | undefined {
  return sent !== undefined && REQUEST_ID.test(sent) ? sent : undefined;
}

/** Hands the request id of the call in whose handler another is made on to that one, unless it names one itself. */
export function propagateRequestId(metadata: Metadata, incoming: CallContext | undefined): void {
  if (incoming === undefined || metadata.get(REQUEST_ID_KEY).length > 0) {
    return;
  }
  const requestId = incoming.values.get(requestIdKey);
  if (requestId !== undefined) {
    metadata.set(REQUEST_ID_KEY, requestId);
  }
}
