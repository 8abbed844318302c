/** What spans and metrics say of where they come from: OpenTelemetry's instrumentation scope. */
export const INSTRUMENTATION_SCOPE = { name: "@accord-grpc/runtime", version: "0.1.0" } as const;
