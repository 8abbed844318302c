import type {
  ChannelModel,
  HedgeModel,
  MethodModel,
  OutlierDetectionModel,
  PackageModel,
  RetryModel,
} from "../model/model.js";

/** A gRPC service config: https://github.com/grpc/grpc/blob/master/doc/service_config.md */
export interface ServiceConfigJson {
  readonly loadBalancingConfig: readonly Readonly<Record<string, object>>[];
  readonly methodConfig: readonly MethodConfigJson[];
  readonly retryThrottling?: { readonly maxTokens: number; readonly tokenRatio: number };
  readonly healthCheckConfig?: { readonly serviceName: string };
}

/** What holds for some methods. An entry for a method replaces what is said of its service; nothing is merged. */
export interface MethodConfigJson {
  readonly name: readonly { readonly service: string; readonly method: string }[];
  readonly waitForReady?: boolean;
  readonly timeout?: string;
  readonly maxRequestMessageBytes?: number;
  readonly maxResponseMessageBytes?: number;
  readonly retryPolicy?: object;
  readonly hedgingPolicy?: object;
}

/**
 * The service config of a package's channel, as the standard has it (`grpc.service_config.ServiceConfig`), so that every
 * runtime takes it. What runtimes do differently is worked around
 *
 * - here: grpc-js misreads durations without nine decimals, and would retry streams; runtimes without outlier detection
 *   need a second policy; none merges the entries of a service and its methods, so each method is named;
 * - by the rules: grpc-js caps attempts at five and refuses fewer than two, C-core takes no token ratio below a
 *   thousandth;
 * - in the runtime's `grpc-js-service-config.ts`, when a channel is opened: grpc-js takes `timeout` for the longest
 *   deadline that a caller may choose, and has names of its own for outlier detection;
 * - in the generated client: grpc-js ignores `waitForReady` and both limits of sizes.
 *
 * A runtime that doesn't know `hedgingPolicy` or `healthCheckConfig` ignores it.
 */
export function serviceConfigOf(pkg: PackageModel): ServiceConfigJson {
  const { throttle, healthCheckService } = pkg.channel;
  return {
    loadBalancingConfig: loadBalancingConfig(pkg.channel),
    methodConfig: methodConfigs(pkg),
    ...(throttle === undefined ? {} : { retryThrottling: { ...throttle } }),
    ...(healthCheckService === undefined ? {} : { healthCheckConfig: { serviceName: healthCheckService } }),
  };
}

function loadBalancingConfig(channel: ChannelModel): Readonly<Record<string, object>>[] {
  // Each policy after the first is for clients that don't know those before; they would fall back to pick_first.
  const policies = [
    { [channel.loadBalancing]: {} },
    ...(channel.loadBalancing === "weighted_round_robin" ? [{ round_robin: {} }] : []),
  ];
  const { outlierDetection } = channel;
  return outlierDetection === undefined
    ? policies
    : [{ outlier_detection_experimental: outlierDetectionPolicy(outlierDetection, policies) }, ...policies];
}

function outlierDetectionPolicy(model: OutlierDetectionModel, childPolicy: readonly object[]): object {
  return {
    interval: duration(model.intervalMs),
    baseEjectionTime: duration(model.baseEjectionTimeMs),
    maxEjectionTime: duration(model.maxEjectionTimeMs),
    maxEjectionPercent: model.maxEjectionPercent,
    ...(model.successRate === undefined ? {} : { successRateEjection: { ...model.successRate } }),
    ...(model.failurePercentage === undefined ? {} : { failurePercentageEjection: { ...model.failurePercentage } }),
    childPolicy,
  };
}

/** One entry for all methods that are treated alike. A method with nothing to say has none. */
function methodConfigs(pkg: PackageModel): MethodConfigJson[] {
  const entries = new Map<
    string,
    { names: { service: string; method: string }[]; config: Omit<MethodConfigJson, "name"> }
  >();
  for (const { service, methods } of pkg.services) {
    for (const method of methods) {
      const config = methodConfig(method);
      if (Object.keys(config).length === 0) {
        continue;
      }
      const key = JSON.stringify(config);
      const entry = entries.get(key) ?? { names: [], config };
      entries.set(key, entry);
      entry.names.push({ service: service.typeName, method: method.method.name });
    }
  }
  return [...entries.values()].map(({ names, config }) => ({ name: names, ...config }));
}

function methodConfig({ kind, call }: MethodModel): Omit<MethodConfigJson, "name"> {
  const { timeoutMs, waitForReady, maxRequestBytes, maxResponseBytes, resend } = call;
  return {
    ...(waitForReady === undefined ? {} : { waitForReady }),
    ...(timeoutMs === undefined ? {} : { timeout: duration(timeoutMs) }),
    ...(maxRequestBytes === undefined ? {} : { maxRequestMessageBytes: maxRequestBytes }),
    ...(maxResponseBytes === undefined ? {} : { maxResponseMessageBytes: maxResponseBytes }),
    // grpc-js would retry a stream too, up to its first response.
    ...(kind === "unary" && resend.kind === "retry" ? { retryPolicy: retryPolicy(resend) } : {}),
    ...(kind === "unary" && resend.kind === "hedge" ? { hedgingPolicy: hedgingPolicy(resend) } : {}),
  };
}

function retryPolicy(retry: RetryModel): object {
  return {
    maxAttempts: retry.maxAttempts,
    initialBackoff: duration(retry.initialBackoffMs),
    maxBackoff: duration(retry.maxBackoffMs),
    backoffMultiplier: retry.backoffMultiplier,
    retryableStatusCodes: [...retry.codes],
  };
}

function hedgingPolicy(hedge: HedgeModel): object {
  return {
    maxAttempts: hedge.maxAttempts,
    hedgingDelay: duration(hedge.delayMs),
    nonFatalStatusCodes: [...hedge.nonFatalCodes],
  };
}

/** Exactly nine fractional digits: grpc-js takes "0.5s" for five nanoseconds. */
function duration(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const nanos = Math.round((ms - seconds * 1000) * 1e6);
  return `${seconds}.${String(nanos).padStart(9, "0")}s`;
}
