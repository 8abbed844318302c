import { experimental } from "@grpc/grpc-js";
import { expect, it } from "vitest";
import type { LoadBalancingConfig, ServiceConfig } from "../wire/service-config.js";
import { grpcJsServiceConfig } from "./grpc-js-service-config.js";

const OUTLIER_DETECTION: LoadBalancingConfig = {
  outlier_detection: {
    interval: "10.000000000s",
    baseEjectionTime: "0.500000000s",
    maxEjectionTime: "300s",
    maxEjectionPercent: 20,
    successRateEjection: { stdevFactor: 1900, enforcementPercentage: 100, minimumHosts: 3, requestVolume: 50 },
    failurePercentageEjection: { threshold: 50 },
    childPolicy: [{ round_robin: {} }],
  },
};

it("leaves out the timeout, and nothing else", () => {
  const config: ServiceConfig = {
    methodConfig: [{ name: [{ service: "a.B" }], timeout: "5.000000000s", waitForReady: true }],
    retryThrottling: { maxTokens: 10, tokenRatio: 0.1 },
    loadBalancingConfig: [{ round_robin: {} }],
  };
  expect(grpcJsServiceConfig(config)).toEqual({
    methodConfig: [{ name: [{ service: "a.B" }], waitForReady: true }],
    retryThrottling: { maxTokens: 10, tokenRatio: 0.1 },
    loadBalancingConfig: [{ round_robin: {} }],
  });
  expect(config.methodConfig?.[0]?.timeout).toBe("5.000000000s");
});

it("puts outlier detection into words that grpc-js reads", () => {
  const { loadBalancingConfig } = JSON.parse(
    JSON.stringify(grpcJsServiceConfig({ loadBalancingConfig: [OUTLIER_DETECTION] })),
  ) as { loadBalancingConfig: { [name: string]: object }[] };
  const parsed = experimental.parseLoadBalancingConfig(loadBalancingConfig[0] ?? {});
  expect(parsed.getLoadBalancerName()).toBe("outlier_detection");
  expect(parsed.toJsonObject()).toMatchObject({
    outlier_detection: {
      interval: { seconds: 10, nanos: 0 },
      base_ejection_time: { seconds: 0, nanos: 500_000_000 },
      max_ejection_percent: 20,
      success_rate_ejection: { stdev_factor: 1900, minimum_hosts: 3 },
      failure_percentage_ejection: { threshold: 50, minimum_hosts: 5 },
      child_policy: [{ round_robin: {} }],
    },
  });
});

it("grpc-js doesn't read the standard's words", () => {
  // When this fails, the translation above can go.
  expect(() => experimental.parseLoadBalancingConfig(OUTLIER_DETECTION)).toThrow();
});

it("takes the name that other implementations use", () => {
  const { outlier_detection } = OUTLIER_DETECTION as { outlier_detection: never };
  expect(grpcJsServiceConfig({ loadBalancingConfig: [{ outlier_detection_experimental: outlier_detection }] })).toEqual(
    grpcJsServiceConfig({ loadBalancingConfig: [OUTLIER_DETECTION] }),
  );
});

it("refuses a list without a policy that grpc-js knows", () => {
  const loadBalancingConfig = [{ ROUND_ROBIN: {} }, { least_request: {} }] as unknown as LoadBalancingConfig[];
  expect(() => grpcJsServiceConfig({ loadBalancingConfig })).toThrow(
    /none of the policies.*ROUND_ROBIN.*least_request/,
  );
  expect(() =>
    grpcJsServiceConfig({ loadBalancingConfig: [...loadBalancingConfig, { round_robin: {} }] }),
  ).not.toThrow();
});
