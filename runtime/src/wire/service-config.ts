import type { StatusName } from "./status.js";

/** A duration as protobuf's JSON writes it: `"0.500000000s"`. grpc-js misreads fewer than nine decimals in a timeout. */
export type DurationJson = `${number}s`;

/**
 * A gRPC service config, as its JSON standard has it (`grpc.service_config.ServiceConfig` of the grpc-proto files).
 *
 * The generated ones are portable: Go, Java, C-core and grpc-js read them.
 */
export interface ServiceConfig {
  /** The first policy that an implementation knows is used. */
  readonly loadBalancingConfig?: readonly LoadBalancingConfig[];
  /** A more specific entry replaces a less specific one as a whole. */
  readonly methodConfig?: readonly MethodConfig[];
  readonly retryThrottling?: RetryThrottling;
  /** Not read by grpc-js. */
  readonly healthCheckConfig?: { readonly serviceName?: string };
}

/** What holds for the calls of some methods. */
export interface MethodConfig {
  readonly name: readonly MethodName[];
  /** Not read by grpc-js: the generated clients do it. */
  readonly waitForReady?: boolean;
  readonly timeout?: DurationJson;
  /** Not read by grpc-js: the generated clients check it. */
  readonly maxRequestMessageBytes?: number;
  /** Not read by grpc-js: the generated clients check it. */
  readonly maxResponseMessageBytes?: number;
  readonly retryPolicy?: RetryPolicy;
  readonly hedgingPolicy?: HedgingPolicy;
}

/** One method; all methods of a service; or, empty, all methods. */
export interface MethodName {
  readonly service?: string;
  readonly method?: string;
}

/** gRFC A6 */
export interface RetryPolicy {
  readonly maxAttempts: number;
  readonly initialBackoff: DurationJson;
  readonly maxBackoff: DurationJson;
  readonly backoffMultiplier: number;
  readonly retryableStatusCodes: readonly StatusName[];
}

/** gRFC A6 */
export interface HedgingPolicy {
  readonly maxAttempts: number;
  readonly hedgingDelay?: DurationJson;
  readonly nonFatalStatusCodes?: readonly StatusName[];
}

/** gRFC A6, "Throttling Retry Attempts and Hedged RPCs" */
export interface RetryThrottling {
  readonly maxTokens: number;
  readonly tokenRatio: number;
}

/** A load balancing policy with its settings. */
export type LoadBalancingConfig =
  | { readonly round_robin: Readonly<Record<string, never>> }
  | { readonly pick_first: { readonly shuffleAddressList?: boolean } }
  | { readonly weighted_round_robin: WeightedRoundRobinConfig }
  | { readonly outlier_detection: OutlierDetectionConfig }
  /** The name under which Go, Java and C-core know it. */
  | { readonly outlier_detection_experimental: OutlierDetectionConfig };

/** gRFC A58 */
export interface WeightedRoundRobinConfig {
  /** Whether servers are asked for their load apart from calls, rather than told by each answer. Default: no. */
  readonly enableOobLoadReport?: boolean;
  readonly oobReportingPeriod?: DurationJson;
  /** How long a server reports before it is believed. Default 10 s. */
  readonly blackoutPeriod?: DurationJson;
  /** How long a report counts. Default 3 min. */
  readonly weightExpirationPeriod?: DurationJson;
  /** How often weights are looked at. Default 1 s, at least 100 ms. */
  readonly weightUpdatePeriod?: DurationJson;
  /** What a server's errors add to its utilisation, as a factor of their share. Default 1. */
  readonly errorUtilizationPenalty?: number;
}

/** gRFC A50 */
export interface OutlierDetectionConfig {
  readonly interval?: DurationJson;
  readonly baseEjectionTime?: DurationJson;
  readonly maxEjectionTime?: DurationJson;
  readonly maxEjectionPercent?: number;
  readonly successRateEjection?: {
    readonly stdevFactor?: number;
    readonly enforcementPercentage?: number;
    readonly minimumHosts?: number;
    readonly requestVolume?: number;
  };
  readonly failurePercentageEjection?: {
    readonly threshold?: number;
    readonly enforcementPercentage?: number;
    readonly minimumHosts?: number;
    readonly requestVolume?: number;
  };
  readonly childPolicy: readonly LoadBalancingConfig[];
}
