import { OUTLIER_DEFAULTS } from "@accord-grpc/runtime/contract";
import { LoadBalancingPolicy, type OutlierDetection } from "../read/options.js";
import { durationMs } from "../resolve/duration.js";
import type { ResolvedPackage } from "../resolve/resolved-contract.js";
import { isResent } from "../resolve/resume.js";
import type { ChannelModel, LoadBalancingName, OutlierDetectionModel } from "./model.js";

/** What holds for the channel: the services agree, so whoever says something says it for all. */
export function buildChannel(pkg: ResolvedPackage): ChannelModel {
  const options = pkg.services.map((service) => service.raw.options);
  const lb = options.find((service) => service.lb !== undefined)?.lb;
  const watched = pkg.services.find((service) => service.raw.options.health?.clientCheck === true);
  return {
    loadBalancing: POLICIES[lb?.policy ?? LoadBalancingPolicy.UNSPECIFIED],
    outlierDetection: lb?.outlierDetection === undefined ? undefined : outlierDetection(lb.outlierDetection),
    throttle: throttleOf(pkg),
    healthCheckService: watched?.raw.desc.typeName,
  };
}

const POLICIES: Readonly<Record<LoadBalancingPolicy, LoadBalancingName>> = {
  [LoadBalancingPolicy.UNSPECIFIED]: "round_robin",
  [LoadBalancingPolicy.ROUND_ROBIN]: "round_robin",
  [LoadBalancingPolicy.PICK_FIRST]: "pick_first",
  [LoadBalancingPolicy.WEIGHTED_ROUND_ROBIN]: "weighted_round_robin",
};

/** What `throttle {}` means. */
const DEFAULT_THROTTLE = { maxTokens: 10, tokenRatio: 0.1 };

function throttleOf({ services }: ResolvedPackage): ChannelModel["throttle"] {
  const said = services.find(({ raw }) => raw.options.throttle !== undefined)?.raw.options.throttle;
  if (said === undefined) {
    return services.some(({ methods }) => methods.some(isResent)) ? DEFAULT_THROTTLE : undefined;
  }
  return said.off
    ? undefined
    : {
        maxTokens: said.maxTokens || DEFAULT_THROTTLE.maxTokens,
        tokenRatio: said.tokenRatio || DEFAULT_THROTTLE.tokenRatio,
      };
}

function outlierDetection(options: OutlierDetection): OutlierDetectionModel {
  const { successRate, failurePercentage } = options;
  return {
    intervalMs: durationMs(options.interval) ?? OUTLIER_DEFAULTS.intervalMs,
    baseEjectionTimeMs: durationMs(options.baseEjectionTime) ?? OUTLIER_DEFAULTS.baseEjectionTimeMs,
    maxEjectionTimeMs: durationMs(options.maxEjectionTime) ?? OUTLIER_DEFAULTS.maxEjectionTimeMs,
    maxEjectionPercent: options.maxEjectionPercent || OUTLIER_DEFAULTS.maxEjectionPercent,
    successRate:
      successRate === undefined
        ? undefined
        : {
            stdevFactor: successRate.stdevFactor || OUTLIER_DEFAULTS.successRate.stdevFactor,
            enforcementPercentage:
              successRate.enforcementPercentage || OUTLIER_DEFAULTS.successRate.enforcementPercentage,
            minimumHosts: successRate.minimumHosts || OUTLIER_DEFAULTS.successRate.minimumHosts,
            requestVolume: successRate.requestVolume || OUTLIER_DEFAULTS.successRate.requestVolume,
          },
    failurePercentage:
      failurePercentage === undefined
        ? undefined
        : {
            threshold: failurePercentage.threshold || OUTLIER_DEFAULTS.failurePercentage.threshold,
            enforcementPercentage:
              failurePercentage.enforcementPercentage || OUTLIER_DEFAULTS.failurePercentage.enforcementPercentage,
            minimumHosts: failurePercentage.minimumHosts || OUTLIER_DEFAULTS.failurePercentage.minimumHosts,
            requestVolume: failurePercentage.requestVolume || OUTLIER_DEFAULTS.failurePercentage.requestVolume,
          },
  };
}
