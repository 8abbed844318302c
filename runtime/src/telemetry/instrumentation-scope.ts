import { RUNTIME_VERSION } from "../contract/version.js";

/** What spans and metrics say of where they come from: OpenTelemetry's instrumentation scope. */
export const INSTRUMENTATION_SCOPE = { name: "@accord-grpc/runtime", version: RUNTIME_VERSION } as const;
