import { LOG_POLICY_RULES } from "../call/log-policy.js";
import { CERTIFICATE_REFRESH_RULES, CLIENT_CERTIFICATE_RULES } from "../channel/tls-option-rules.js";
import { checkOptions, group, refuseIf } from "../options/check-options.js";
import { loggerRule, pemRule } from "../options/common-rules.js";
import {
  count,
  either,
  flag,
  functionThat,
  listOf,
  messageSize,
  type OptionRules,
  oneOf,
  recordOf,
  rule,
  time,
  unchecked,
  windowSize,
  withMethods,
} from "../options/option-rule.js";
import { BIND_RULES, type BoundService } from "./bind-service.js";
import { MAX_FIELD_BYTES } from "./http2/outgoing-fields.js";
import type { ServerMetricRecorder } from "./server-metrics.js";
import type { ServerOptions } from "./server-options.js";
import type { ServerTlsOptions } from "./server-tls.js";
import { HTTP_RULES } from "./web/http-options.js";

const TLS_RULES: OptionRules<ServerTlsOptions> = {
  ...CERTIFICATE_REFRESH_RULES,
  ...CLIENT_CERTIFICATE_RULES,
  cert: pemRule,
  key: pemRule,
};

// HTTP/2's settings have 32 bits for it.
const MOST_STREAMS = 2 ** 32 - 1;

export const SERVER_RULES: OptionRules<ServerOptions> = {
  ...BIND_RULES,
  logger: loggerRule,
  payloadLimit: count("characters", { endless: true }),
  logPolicy: group(LOG_POLICY_RULES),
  logPolicies: recordOf(group(LOG_POLICY_RULES)),
  tls: group(TLS_RULES),
  http: group(HTTP_RULES),
  handlerInterceptors: listOf("functions", functionThat()),
  auth: functionThat("that finds out who calls"),
  authTimeoutMs: time({ least: 1, forever: true }),
  reflection: oneOf(true, false, "anonymous"),
  reflectionFiles: listOf("files: file_ledger_v1_events of a generated module", unchecked),
  metricRecorder: withMethods<keyof ServerMetricRecorder>("a ServerMetricRecorder", "bind", "record"),
  reportsLoad: flag,
  handleSignals: flag,
  port: rule(
    "a port: a whole number from 0 to 65535",
    (value) => Number.isInteger(value) && Number(value) >= 0 && Number(value) <= 65_535,
  ),
  drainMs: time(),
  maxRequestBytes: messageSize,
  maxResponseBytes: messageSize,
  maxResponseMetadataBytes: count("bytes", { least: 1_024, most: MAX_FIELD_BYTES }),
  maxBufferedRequestBytes: count("bytes", { least: 1 }),
  initialWindowBytes: windowSize,
  requestTimeoutMs: time({ least: 1, forever: true }),
  maxConcurrentCalls: count("calls", { endless: true }),
  maxConcurrentStreams: count("calls", { least: 1, most: MOST_STREAMS }),
  maxConnectionAgeMs: time({ least: 1, forever: true }),
  maxConnectionAgeGraceMs: time({ forever: true }),
  maxConnectionIdleMs: time({ least: 1, forever: true }),
  keepaliveTimeMs: time({ least: 1, forever: true }),
  keepaliveTimeoutMs: time({ least: 1 }),
  minPingIntervalMs: time(),
};

const CANNOT = "Can't make the server";

const boundService = rule("a bound service: bindXxxService(servicer) makes one of a servicer", (value) => {
  const bound = value as Partial<Record<keyof BoundService, unknown>>;
  return typeof bound.service === "object" && Array.isArray(bound.methods);
});

const boundDefinition = rule(
  "a bound service: bindServiceDefinition(definition, implementation) makes one of what grpc-js's addService takes",
  () => false,
);

const boundServices = listOf(
  "bound services: bindXxxService(servicer) makes one of a servicer",
  either(isServiceDefinition, boundDefinition, boundService),
);

function isServiceDefinition(value: unknown): boolean {
  return (
    typeof value === "object" &&
    value !== null &&
    Object.values(value).some(
      (method) => typeof method === "object" && typeof method?.requestDeserialize === "function",
    )
  );
}

/**
 * Looks at what a server is made of, before anybody relies on it.
 *
 * @throws {TypeError} saying which option must be what, or which of the services is none
 */
export function requireServer(services: readonly BoundService[], options: ServerOptions): void {
  refuseIf(CANNOT, boundServices.faults("services", services));
  checkOptions(CANNOT, options, SERVER_RULES);
}
