import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { Metadata } from "@grpc/grpc-js";
import { expect, it } from "vitest";
import { OrcaLoadReportSchema } from "../gen/xds/data/orca/v3/orca_load_report_pb.js";
import {
  addLoadReport,
  LOAD_REPORT_TRAILER,
  type LoadReport,
  loadReportOf,
  MAX_LOAD_REPORT_BYTES,
} from "./load-report.js";

const WHOLE: LoadReport = {
  cpuUtilization: 1.5,
  memoryUtilization: 1,
  applicationUtilization: 2,
  requestsPerSecond: 120.5,
  errorsPerSecond: 0.25,
  utilization: { disk: 0.5 },
  requestCost: { queries: 3, refunded: -2 },
  namedMetrics: { temperature: -40.5 },
};

function reported(...reports: LoadReport[]) {
  const trailers = new Metadata();
  const ignored = reports.map((report) => addLoadReport(trailers, report));
  return { trailers, ignored };
}

it("is the standard's report", () => {
  const { trailers, ignored } = reported(WHOLE);
  expect(ignored).toEqual([[]]);
  const bytes = trailers.get(LOAD_REPORT_TRAILER)[0] as Buffer;
  expect(fromBinary(OrcaLoadReportSchema, bytes)).toMatchObject({
    cpuUtilization: 1.5,
    memUtilization: 1,
    applicationUtilization: 2,
    rpsFractional: 120.5,
    eps: 0.25,
    rps: 0n,
    utilization: { disk: 0.5 },
    requestCost: { queries: 3, refunded: -2 },
    namedMetrics: { temperature: -40.5 },
  });
  expect(loadReportOf(trailers)).toEqual(WHOLE);
});

it("adds up: a number replaces an earlier one of its name, and the others stay", () => {
  const { trailers } = reported(
    { cpuUtilization: 0.1, memoryUtilization: 0.2, requestCost: { queries: 1, rows: 7 } },
    { cpuUtilization: 0.3, requestCost: { queries: 2 }, utilization: { disk: 1 } },
  );
  expect(loadReportOf(trailers)).toEqual({
    cpuUtilization: 0.3,
    memoryUtilization: 0.2,
    requestCost: { queries: 2, rows: 7 },
    utilization: { disk: 1 },
  });
});

it.each<[string, unknown, readonly string[]]>([
  ["negative", { cpuUtilization: -0.1, requestsPerSecond: -1 }, ["cpuUtilization", "requestsPerSecond"]],
  [
    "over what there is",
    { memoryUtilization: 1.01, utilization: { disk: 2 } },
    ["memoryUtilization", "utilization.disk"],
  ],
  [
    "no number",
    { errorsPerSecond: Number.NaN, applicationUtilization: "0.5" },
    ["applicationUtilization", "errorsPerSecond"],
  ],
  [
    "infinite",
    { cpuUtilization: Number.POSITIVE_INFINITY, namedMetrics: { x: Number.NaN } },
    ["cpuUtilization", "namedMetrics.x"],
  ],
  ["a bigint", { requestCost: { rows: 5n } }, ["requestCost.rows"]],
])("leaves out what is %s, and says so", (_what, report, ignored) => {
  const told = reported(report as LoadReport, { cpuUtilization: 0.5 });
  expect(told.ignored).toEqual([ignored, []]);
  expect(loadReportOf(told.trailers)).toEqual({ cpuUtilization: 0.5 });
});

it("never takes more than its room", () => {
  const huge = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`cost-${index}`, 1]));
  const { trailers, ignored } = reported({ cpuUtilization: 0.5 }, { requestCost: huge });
  expect(ignored[1]).toEqual([expect.stringMatching(/^all of it/)]);
  expect(loadReportOf(trailers)).toEqual({ cpuUtilization: 0.5 });
  expect((trailers.get(LOAD_REPORT_TRAILER)[0] as Buffer).byteLength).toBeLessThanOrEqual(MAX_LOAD_REPORT_BYTES);
});

it("is nothing where there is nothing to read", () => {
  const trailers = new Metadata();
  expect(loadReportOf(trailers)).toBeUndefined();
  trailers.set(LOAD_REPORT_TRAILER, Buffer.from([0xff]));
  expect(loadReportOf(trailers)).toBeUndefined();
});

it("knows the whole requests of older servers", () => {
  const trailers = new Metadata();
  const bytes = toBinary(OrcaLoadReportSchema, create(OrcaLoadReportSchema, { rps: 120n }));
  trailers.set(LOAD_REPORT_TRAILER, Buffer.from(bytes));
  expect(loadReportOf(trailers)).toEqual({ requestsPerSecond: 120 });
});
