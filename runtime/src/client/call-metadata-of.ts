import type { Metadata } from "@grpc/grpc-js";
import { callMetadata } from "../wire/call-metadata.js";
import { clientStatus } from "../wire/call-status.js";
import { Status } from "../wire/status.js";
import { messageOf } from "../wire/thrown-message.js";
import type { CallOptions } from "./client-method.js";
import type { CallTarget } from "./method-binding.js";
import { CallNotMade } from "./open-call.js";

/**
 * What a caller and its client send with a call.
 *
 * @throws {CallNotMade} if a key or a value can't be sent
 */
export function metadataOf({ options, policy }: CallTarget, call: CallOptions): Metadata {
  try {
    const { metadata: own, waitForReady = policy.waitForReady } = call;
    return callMetadata({ defaults: options.defaultMetadata, own, waitForReady });
  } catch (error) {
    throw new CallNotMade(clientStatus(Status.INTERNAL, `The metadata can't be sent: ${messageOf(error)}`, error));
  }
}
