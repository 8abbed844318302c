import type { Metadata } from "@grpc/grpc-js";
import { afterEach, describe, expect, it } from "vitest";
import { probeClient } from "../../test-support/probe-client.js";
import { callOnce, KINDS, servicerOf } from "../../test-support/probe-kinds.js";
import { bindProbe, TooLowError } from "../../test-support/probe-service.js";
import type { CallContext } from "../call/call-context.js";
import { LoadReportError, watchLoad } from "../client/watch-load.js";
import { MemoryLogger, startTestServer, type TestServer, type TestServerOptions } from "../testing/index.js";
import { type LoadReport, loadReportOf } from "../wire/load-report.js";
import { ServerMetricRecorder } from "./server-metrics.js";

let server: TestServer;
const logger = new MemoryLogger();

afterEach(async () => {
  logger.lines.length = 0;
  await server.close();
});

async function serve(body: (context: CallContext) => void, options: TestServerOptions = {}): Promise<void> {
  const servicer = servicerOf((_request, context) => {
    body(context);
    return {};
  });
  server = await startTestServer([bindProbe(servicer)], { logger, ...options });
}

describe("a call's report", () => {
  async function reportOf(kind: (typeof KINDS)[number]): Promise<LoadReport | undefined> {
    let report: LoadReport | undefined;
    const onTrailers = (trailers: Metadata) => {
      report = loadReportOf(trailers);
    };
    await callOnce(probeClient(server.channel), kind, {}, { onTrailers }).catch(() => {});
    return report;
  }

  it.each(KINDS)("reaches the caller: %s", async (kind) => {
    await serve((context) => {
      context.reportLoad({ cpuUtilization: 0.5 });
      context.reportLoad({ requestCost: { queries: 3 } });
    });
    expect(await reportOf(kind)).toEqual({ cpuUtilization: 0.5, requestCost: { queries: 3 } });
  });

  it.each(KINDS)("travels with an error too: %s", async (kind) => {
    await serve((context) => {
      context.reportLoad({ cpuUtilization: 0.5 });
      throw new TooLowError({ balance: "1" });
    });
    expect(await reportOf(kind)).toEqual({ cpuUtilization: 0.5 });
  });

  it("isn't there unless the handler reports", async () => {
    await serve(() => {});
    expect(await reportOf("unary")).toBeUndefined();
  });

  it("leaves out what can't be reported, and the log says so", async () => {
    await serve((context) => context.reportLoad({ cpuUtilization: Number.NaN, memoryUtilization: 0.5 }));
    expect(await reportOf("unary")).toEqual({ memoryUtilization: 0.5 });
    expect(logger.lines.filter(({ level }) => level === "warn")).toMatchObject([
      { message: "load_report.ignored", fields: { ignored: ["cpuUtilization"] } },
    ]);
  });
});

describe("a server's reports", () => {
  it("come at once, and then as they change", async () => {
    const recorder = new ServerMetricRecorder({ minReportIntervalMs: 1 });
    expect(recorder.record({ cpuUtilization: 0.5, memoryUtilization: 7 })).toEqual(["memoryUtilization"]);
    await serve(() => {}, { metricRecorder: recorder });
    const seen: LoadReport[] = [];
    for await (const report of watchLoad(server.channel, { intervalMs: 2 })) {
      seen.push(report);
      if (report.utilization?.disk === 0.25) {
        break;
      }
      recorder.record({ utilization: { disk: 0.25 } });
    }
    expect(seen.at(0)).toEqual({ cpuUtilization: 0.5 });
    expect(seen.at(-1)).toEqual({ cpuUtilization: 0.5, utilization: { disk: 0.25 } });
    recorder.clear();
    expect(recorder.current).toEqual({});
  });

  it("end when the caller leaves, and when the server drains", async () => {
    const recorder = new ServerMetricRecorder();
    await serve(() => {}, { metricRecorder: recorder });
    const leave = new AbortController();
    const left = watchLoad(server.channel, { intervalMs: 1_000, signal: leave.signal });
    expect(await left.next()).toEqual({ value: {}, done: false });
    leave.abort();
    await expect(left.next()).rejects.toMatchObject({ code: "CANCELLED" });
    const drained = watchLoad(server.channel, { intervalMs: 1_000 });
    await drained.next();
    const end = expect(drained.next()).rejects.toBeInstanceOf(LoadReportError);
    await server.server.drain();
    await end;
  });

  it("are UNIMPLEMENTED where the server has no recorder", async () => {
    await serve(() => {});
    const error = await watchLoad(server.channel, { intervalMs: 1_000 })
      .next()
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(LoadReportError);
    expect(error).toMatchObject({ code: "UNIMPLEMENTED" });
  });

  it.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY, "5", undefined])("aren't asked for every %s ms", async (ms) => {
    await serve(() => {});
    await expect(watchLoad(server.channel, { intervalMs: ms as number }).next()).rejects.toThrow(TypeError);
    if (ms !== undefined) {
      expect(() => new ServerMetricRecorder({ minReportIntervalMs: ms as number })).toThrow(TypeError);
    }
  });
});
