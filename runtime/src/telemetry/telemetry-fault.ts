import { diag } from "@opentelemetry/api";

/**
 * Does something with an OpenTelemetry SDK. What that throws (a span processor of the user's, say) goes to OpenTelemetry's
 * own diagnostics, and no call fails of it.
 *
 * @returns `undefined` if it threw
 */
export function guarded<T>(tell: () => T): T | undefined {
  try {
    return tell();
  } catch (error) {
    diag.error("@accord-grpc/runtime: telling OpenTelemetry of a call failed", error);
    return undefined;
  }
}
