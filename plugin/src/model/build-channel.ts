import { LoadBalancingPolicy, type OutlierDetection } from "../read/options.js";
import { durationMs } from "../resolve/duration.js";
import type { ResolvedPackage } from "../resolve/resolved-contract.js";
import type { ChannelModel, OutlierDetectionModel } from "./model.js";

/** What holds for the channel: the services agree, so whoever says something says it for all. */
export function buildChannel(pkg: ResolvedPackage): ChannelModel {
  const options = pkg.services.map((service) => service.raw.options);
  const lb = options.find((service) => service.lb !== undefined)?.lb;
  const throttle = options.find((service) => service.throttle !== undefined)?.throttle;
  const watched = pkg.services.find((service) => service.raw.options.health?.clientCheck === true);
  return {
    loadBalancing: lb?.policy === LoadBalancingPolicy.PICK_FIRST ? "pick_first" : "round_robin",
    outlierDetection: lb?.outlierDetection === undefined ? undefined : outlierDetection(lb.outlierDetection),
    throttle:
      throttle === undefined
        ? undefined
        : { maxTokens: throttle.maxTokens || 10, tokenRatio: throttle.tokenRatio || 0.1 },
    healthCheckService: watched?.raw.desc.typeName,
  };
}

function outlierDetection(options: OutlierDetection): OutlierDetectionModel {
  const { successRate, failurePercentage } = options;
  return {
    intervalMs: durationMs(options.interval) ?? 10_000,
    baseEjectionTimeMs: durationMs(options.baseEjectionTime) ?? 30_000,
    maxEjectionTimeMs: durationMs(options.maxEjectionTime) ?? 300_000,
    maxEjectionPercent: options.maxEjectionPercent || 10,
    successRate:
      successRate === undefined
        ? undefined
        : {
            stdevFactor: successRate.stdevFactor || 1_900,
            enforcementPercentage: successRate.enforcementPercentage || 100,
            minimumHosts: successRate.minimumHosts || 5,
            requestVolume: successRate.requestVolume || 100,
          },
    failurePercentage:
      failurePercentage === undefined
        ? undefined
        : {
            threshold: failurePercentage.threshold || 85,
            enforcementPercentage: failurePercentage.enforcementPercentage || 100,
            minimumHosts: failurePercentage.minimumHosts || 5,
            requestVolume: failurePercentage.requestVolume || 50,
          },
  };
}
