/** The version of OpenTelemetry's semantic conventions whose names spans and metrics have. */
export const SCHEMA_URL = "https://opentelemetry.io/schemas/1.45.0";

/** What users have asked for beside the stable names. */
export interface AskedConventions {
  /** The names that spans had before: `rpc.system`, `rpc.service`, `rpc.grpc.status_code`. */
  readonly oldNames: boolean;
  /** The conventions' own metrics, `rpc.server.call.duration` and `rpc.client.call.duration`. */
  readonly metrics: boolean;
}

let asked: AskedConventions | undefined;

/**
 * What `OTEL_SEMCONV_STABILITY_OPT_IN` asks for, as OpenTelemetry has it for all instrumentations: `rpc` for the conventions' metrics,
 * `rpc/dup` for the old names as well. Read once.
 */
export function askedConventions(): AskedConventions {
  if (asked === undefined) {
    const words = (process.env.OTEL_SEMCONV_STABILITY_OPT_IN ?? "").split(",").map((word) => word.trim());
    const oldNames = words.includes("rpc/dup");
    asked = { oldNames, metrics: oldNames || words.includes("rpc") };
  }
  return asked;
}
