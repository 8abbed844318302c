import { MAX_TIMEOUT_MS } from "../../call/call-deadline.js";
import { grpcTimeoutMs } from "../http2/grpc-timeout.js";

/** What says how long a caller waits, in Connect and in gRPC-Web. */
export const TIMEOUT_HEADERS = ["connect-timeout-ms", "grpc-timeout"] as const;

/**
 * Reads how long a caller waits, in milliseconds.
 *
 * @returns `Infinity` if it doesn't say, NaN if it says it wrongly
 */
export function webTimeoutMs(header: (name: string) => string | undefined): number {
  const milliseconds = header("connect-timeout-ms");
  if (milliseconds === undefined) {
    return grpcTimeoutMs(header("grpc-timeout"));
  }
  return /^\d{1,10}$/.test(milliseconds) ? Math.min(Number(milliseconds), MAX_TIMEOUT_MS) : Number.NaN;
}
