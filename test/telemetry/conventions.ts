// What the registry's generated package leaves out: which attributes a gRPC span or metric has to have. Taken from the model of
// open-telemetry/semantic-conventions (model/rpc/spans.yaml, model/rpc/metrics.yaml and model/rpc/common.yaml at commit 384d66161, the
// last before 1.45 that its mirror had; bucket boundaries from docs/rpc/rpc-metrics.md).

/** When a signal has an attribute. */
export type Level =
  | "required"
  /** If and only if the operation failed. */
  | "on failure"
  /** It may be missing where it isn't known. */
  | "known"
  /** Only for the asking, which nobody has done. */
  | "opt_in";

/** The attributes of a signal: others are allowed where the registry doesn't know them, or knows them for another purpose. */
export type Levels = Readonly<Record<string, Level>>;

const CALL: Levels = {
  "rpc.system.name": "required",
  "rpc.method": "required",
  "rpc.status_code": "required",
  "error.type": "on failure",
};

const SPAN: Levels = {
  ...CALL,
  "network.peer.address": "known",
  "network.peer.port": "known",
  "rpc.method_original": "known",
  "rpc.request.metadata": "opt_in",
  "rpc.response.metadata": "opt_in",
};

/** `span.rpc.grpc.call.client` and `span.rpc.grpc.call.server`. */
export const SPAN_LEVELS: Readonly<Record<"client" | "server", Levels>> = {
  client: { ...SPAN, "server.address": "required", "server.port": "required" },
  server: { ...SPAN, "server.address": "known", "server.port": "known" },
};

/** `metric.rpc.client.call.duration` and `metric.rpc.server.call.duration`. */
export const METRIC_LEVELS: Readonly<Record<"client" | "server", Levels>> = {
  client: { ...CALL, "server.address": "required", "server.port": "required" },
  server: { ...CALL, "server.address": "opt_in", "server.port": "opt_in" },
};

/** Of both durations, in seconds. */
export const DURATION_BOUNDARIES: readonly number[] = [
  0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10,
];

/** The statuses that are failures of a server; of a client, all but `OK` are. */
export const SERVER_FAILURES: ReadonlySet<string> = new Set([
  "UNKNOWN",
  "DEADLINE_EXCEEDED",
  "UNIMPLEMENTED",
  "INTERNAL",
  "UNAVAILABLE",
  "DATA_LOSS",
]);

/** Deprecated attributes that are there on purpose, beside what has replaced them: see docs/decisions/0062. */
export const KEPT: ReadonlyMap<string, string> = new Map([["rpc.response.status_code", "rpc.status_code"]]);
