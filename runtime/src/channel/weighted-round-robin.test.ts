import { ChannelCredentials } from "@grpc/grpc-js";
import { afterEach, expect, it } from "vitest";
import { probeClient } from "../../test-support/probe-client.js";
import { servicerOf } from "../../test-support/probe-kinds.js";
import { bindProbe } from "../../test-support/probe-service.js";
import { startTestServer } from "../testing/index.js";
import type { LoadReport } from "../wire/load-report.js";
import type { LoadBalancingConfig } from "../wire/service-config.js";
import { buildChannel } from "./channel.js";

// gRFC A58 by grpc-js: what a backend reports with its answers decides what it gets. Weights are looked at each 100 ms, the least there is.
// Reports are read by this runtime (`load-weights.ts`): by grpc-js, each of these tests would take minutes.

const close: (() => unknown)[] = [];
afterEach(async () => {
  for (const each of close.splice(0).reverse()) {
    await each();
  }
});

/** How many of 300 calls each backend gets, of those that report so. */
async function sharesOf(reports: readonly LoadReport[], policy: LoadBalancingConfig) {
  const counts = reports.map(() => 0);
  const servers = await Promise.all(
    reports.map((report, index) =>
      startTestServer([
        bindProbe(
          servicerOf((_request, context) => {
            counts[index] = (counts[index] ?? 0) + 1;
            context.reportLoad(report);
            return {};
          }),
        ),
      ]),
    ),
  );
  close.push(...servers.map((server) => () => server.close()));
  const target = `ipv4:${servers.map(({ address }) => address).join(",")}`;
  const channel = buildChannel(
    target,
    { loadBalancingConfig: [policy] },
    { credentials: ChannelCredentials.createInsecure() },
  );
  close.push(() => channel.close());
  const client = probeClient(channel);
  return async () => {
    counts.fill(0);
    for (let calls = 0; calls < 300; calls++) {
      await client.unary({});
    }
    return [...counts];
  };
}

const WEIGHTED: LoadBalancingConfig = { weighted_round_robin: { blackoutPeriod: "0s", weightUpdatePeriod: "0.1s" } };

it.each<[string, LoadReport[], number[]]>([
  [
    "half as many, where it is twice as busy with as many",
    [
      { requestsPerSecond: 100, applicationUtilization: 0.4 },
      { requestsPerSecond: 100, applicationUtilization: 0.8 },
    ],
    [200, 100],
  ],
  [
    "a third, where it manages half of what the two others do",
    [
      { requestsPerSecond: 100, applicationUtilization: 0.5 },
      { requestsPerSecond: 200, applicationUtilization: 1 },
      { requestsPerSecond: 50, applicationUtilization: 0.5 },
    ],
    [120, 120, 60],
  ],
  [
    "fewer, where it fails",
    [
      { requestsPerSecond: 100, applicationUtilization: 0.5 },
      { requestsPerSecond: 100, applicationUtilization: 0.5, errorsPerSecond: 50 },
    ],
    [200, 100],
  ],
])("gives a backend %s", async (_what, reports, shares) => {
  const calls = await sharesOf(reports, WEIGHTED);
  // Before the first weights are looked at, calls go in turn.
  const near = (counts: number[]) => counts.every((count, index) => Math.abs(count - (shares[index] ?? 0)) <= 6);
  await expect.poll(async () => near(await calls()), { timeout: 20_000 }).toBe(true);
});

it("calls backends in turn that say nothing of themselves", async () => {
  const calls = await sharesOf([{}, {}], WEIGHTED);
  await calls();
  const [first = 0] = await calls();
  expect(Math.abs(first - 150)).toBeLessThanOrEqual(6);
});
