import { experimental } from "@grpc/grpc-js";
import type {
  DurationJson,
  LoadBalancingConfig,
  MethodConfig,
  OutlierDetectionConfig,
  ServiceConfig,
  WeightedRoundRobinConfig,
} from "../wire/service-config.js";

/**
 * Puts a service config into grpc-js's dialect.
 *
 * - `timeout` is left out. grpc-js would make it the longest deadline a call can have; in a contract it is the deadline
 *   of calls that name none, and the generated clients set it themselves.
 * - `outlier_detection` and `weighted_round_robin` get the names and the durations that grpc-js reads. In its standard form
 *   grpc-js skips the one, and takes none of the other's settings, without a word.
 *
 * @throws {Error} if grpc-js knows none of the load balancing policies, and would silently use the first backend for all
 */
export function grpcJsServiceConfig(config: ServiceConfig): GrpcJsServiceConfig {
  const { loadBalancingConfig, methodConfig, ...rest } = config;
  const policies = loadBalancingConfig?.map(loadBalancing);
  if (policies !== undefined && policies.length > 0) {
    requireKnownPolicy(policies);
  }
  return {
    ...rest,
    ...(policies === undefined ? undefined : { loadBalancingConfig: policies }),
    ...(methodConfig === undefined ? undefined : { methodConfig: methodConfig.map(withoutTimeout) }),
  };
}

/** A service config in grpc-js's dialect. */
export interface GrpcJsServiceConfig {
  readonly loadBalancingConfig?: readonly object[];
  readonly [key: string]: unknown;
}

type GrpcJsPolicy = { readonly [name: string]: object };

function withoutTimeout({ timeout: _, ...rest }: MethodConfig): MethodConfig {
  return rest;
}

function loadBalancing(config: LoadBalancingConfig): GrpcJsPolicy {
  if ("outlier_detection" in config) {
    return { outlier_detection: outlierDetection(config.outlier_detection) };
  }
  if ("outlier_detection_experimental" in config) {
    return { outlier_detection: outlierDetection(config.outlier_detection_experimental) };
  }
  if ("weighted_round_robin" in config) {
    return { weighted_round_robin: weightedRoundRobin(config.weighted_round_robin) };
  }
  return config;
}

function weightedRoundRobin(config: WeightedRoundRobinConfig): object {
  return {
    enable_oob_load_report: config.enableOobLoadReport,
    oob_load_reporting_period: duration(config.oobReportingPeriod),
    blackout_period: duration(config.blackoutPeriod),
    weight_expiration_period: duration(config.weightExpirationPeriod),
    weight_update_period: duration(config.weightUpdatePeriod),
    error_utilization_penalty: config.errorUtilizationPenalty,
  };
}

function outlierDetection(config: OutlierDetectionConfig): object {
  const { successRateEjection: successRate, failurePercentageEjection: failurePercentage } = config;
  // What is undefined is left out by JSON.stringify.
  return {
    interval: duration(config.interval),
    base_ejection_time: duration(config.baseEjectionTime),
    max_ejection_time: duration(config.maxEjectionTime),
    max_ejection_percent: config.maxEjectionPercent,
    success_rate_ejection: successRate && {
      stdev_factor: successRate.stdevFactor,
      enforcement_percentage: successRate.enforcementPercentage,
      minimum_hosts: successRate.minimumHosts,
      request_volume: successRate.requestVolume,
    },
    failure_percentage_ejection: failurePercentage && {
      threshold: failurePercentage.threshold,
      enforcement_percentage: failurePercentage.enforcementPercentage,
      minimum_hosts: failurePercentage.minimumHosts,
      request_volume: failurePercentage.requestVolume,
    },
    child_policy: config.childPolicy.map(loadBalancing),
  };
}

function duration(text: DurationJson | undefined): object | undefined {
  return text === undefined ? undefined : (experimental.parseDuration(text) ?? undefined);
}

function requireKnownPolicy(policies: readonly GrpcJsPolicy[]): void {
  const problems: string[] = [];
  for (const policy of policies) {
    try {
      // Types of grpc-js have each value as `object`; its JSON is what will be sent to it.
      experimental.parseLoadBalancingConfig(JSON.parse(JSON.stringify(policy)));
      return;
    } catch (error) {
      problems.push(error instanceof Error ? error.message : String(error));
    }
  }
  throw new Error(`grpc-js can use none of the policies in loadBalancingConfig: ${problems.join("; ")}`);
}
