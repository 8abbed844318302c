import { MAX_TIMEOUT_MS } from "../../call/call-deadline.js";

// PROTOCOL-HTTP2: at most eight digits, and a unit.
const TIMEOUT = /^\d{1,8}[HMSmun]$/;

const MILLISECONDS: Readonly<Record<string, number>> = { H: 3_600_000, M: 60_000, S: 1000, m: 1, u: 1e-3, n: 1e-6 };

/**
 * Reads a `grpc-timeout`, in milliseconds. One over 24.8 days, which timers can't wait for, becomes 24.8 days.
 *
 * @returns `Infinity` if there is none, NaN if it is malformed
 */
export function grpcTimeoutMs(header: string | undefined): number {
  if (header === undefined) {
    return Number.POSITIVE_INFINITY;
  }
  const milliseconds = TIMEOUT.test(header) ? MILLISECONDS[header.charAt(header.length - 1)] : undefined;
  return milliseconds === undefined ? Number.NaN : Math.min(Number.parseInt(header, 10) * milliseconds, MAX_TIMEOUT_MS);
}
