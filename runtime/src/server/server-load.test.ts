import { type Metadata, Metadata as NewMetadata } from "@grpc/grpc-js";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { probeClient } from "../../test-support/probe-client.js";
import { servicerOf } from "../../test-support/probe-kinds.js";
import { bindProbe } from "../../test-support/probe-service.js";
import { startTestServer } from "../testing/index.js";
import { type LoadReport, loadReportOf } from "../wire/load-report.js";
import { Status } from "../wire/status.js";
import { ServerLoad } from "./server-load.js";

describe("how busy a server is", () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ["performance"] }));
  afterEach(() => void vi.useRealTimers());

  const loop = (utilization: number) => () => ({ idle: 0, active: 0, utilization });

  function reported(load: ServerLoad): LoadReport | undefined {
    const trailers = new NewMetadata();
    load.reportIn(() => trailers);
    return loadReportOf(trailers);
  }

  it("isn't known in its first second, and costs no trailers", () => {
    const load = new ServerLoad(loop(0.5));
    load.ended(Status.OK);
    vi.advanceTimersByTime(999);
    load.reportIn(() => {
      throw new Error("nothing is to be reported");
    });
  });

  it("is what it did in the last whole second: its calls, its faults, how much its event loop worked", () => {
    const load = new ServerLoad(loop(0.25));
    for (const status of [Status.OK, Status.NOT_FOUND, Status.INTERNAL, Status.UNAVAILABLE]) {
      load.ended(status);
    }
    vi.advanceTimersByTime(2_000);
    const report = { applicationUtilization: 0.25, requestsPerSecond: 2, errorsPerSecond: 1 };
    expect(reported(load)).toEqual(report);
    load.ended(Status.OK);
    vi.advanceTimersByTime(500);
    expect(reported(load)).toEqual(report);
    vi.advanceTimersByTime(500);
    expect(reported(load)).toEqual({ applicationUtilization: 0.25, requestsPerSecond: 1 });
  });
});

it("is with each answer, good or bad, where the server's options say so, under what handlers report themselves", async () => {
  const server = await startTestServer(
    [
      bindProbe(
        servicerOf((request, context) => {
          if (request.id === "own") {
            context.reportLoad({ applicationUtilization: 0.75 });
          }
          if (request.id === "bad") {
            throw new Error("bad");
          }
          return {};
        }),
      ),
    ],
    { reportsLoad: true },
  );
  const client = probeClient(server.channel);
  const reportOf = async (id: string) => {
    let report: LoadReport | undefined;
    const onTrailers = (trailers: Metadata) => {
      report = loadReportOf(trailers);
    };
    await client.unary({ id }, { onTrailers }).catch(() => {});
    return report;
  };
  try {
    await expect
      .poll(() => reportOf("a"), { timeout: 10_000 })
      .toMatchObject({ requestsPerSecond: expect.any(Number) });
    expect((await reportOf("bad"))?.requestsPerSecond).toBeGreaterThan(0);
    expect(await reportOf("own")).toMatchObject({
      applicationUtilization: 0.75,
      requestsPerSecond: expect.any(Number),
    });
  } finally {
    await server.close();
  }
});
