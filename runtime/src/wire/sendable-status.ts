import type { ServerInterceptingCallInterface } from "@grpc/grpc-js";
import { outgoingMetadata } from "./outgoing-metadata.js";
import { normalizeStatus, Status } from "./status.js";
import { statusMessage } from "./text-limits.js";

type SentStatus = Parameters<ServerInterceptingCallInterface["sendStatus"]>[0];

/**
 * A status of an interceptor's, fit for the wire: one that exists, with a text and trailers that can be sent. grpc-js would
 * throw on half of an emoji or a forbidden trailer where nobody can catch it, and trailers of 100 kB never arrive.
 */
export function sendableStatus({ code, details, metadata }: SentStatus): SentStatus {
  return {
    code: normalizeStatus(code ?? Status.UNKNOWN),
    details: statusMessage(String(details ?? "")),
    metadata: metadata ? outgoingMetadata(metadata) : null,
  };
}
