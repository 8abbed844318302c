import fs from "node:fs";
import { experimental, Metadata } from "@grpc/grpc-js";
import { createMetricsReader } from "@grpc/grpc-js/build/src/orca.js";
import { expect, it, vi } from "vitest";
import { encodeLoadReport, LOAD_REPORT_TRAILER, type LoadReport } from "../wire/load-report.js";
import { weighingPicker } from "./load-weights.js";

function trailersWith(report: LoadReport | Buffer): Metadata {
  const trailers = new Metadata();
  trailers.set(LOAD_REPORT_TRAILER, Buffer.isBuffer(report) ? report : encodeLoadReport(report));
  return trailers;
}

/** What grpc-js's policy is told of a call that ends with these trailers. */
function heard(trailers: Metadata): unknown {
  let told: unknown;
  const onCallEnded = createMetricsReader((report) => {
    told = report;
  }, null);
  const pickResultType = experimental.PickResultType.COMPLETE;
  const answer = { pickResultType, subchannel: null, status: null, onCallStarted: null, onCallEnded };
  const picked = weighingPicker({ pick: () => answer as never }).pick({ metadata: new Metadata(), extraPickInfo: {} });
  picked.onCallEnded?.(0, "", trailers);
  return told;
}

it("a load report is read by grpc-js from its schema's file, anew with each call", () => {
  const files = vi.spyOn(fs, "readFileSync");
  try {
    const reads = [1, 2].map(() => {
      files.mockClear();
      createMetricsReader(() => {}, null)(0, "", trailersWith({ cpuUtilization: 1 }));
      return files.mock.calls.filter(([path]) => String(path).endsWith("orca_load_report.proto")).length;
    });
    expect(reads).toEqual([1, 1]);
    files.mockClear();
    heard(trailersWith({ cpuUtilization: 1 }));
    expect(files).not.toHaveBeenCalled();
  } finally {
    files.mockRestore();
  }
});

it("tells grpc-js what was reported, with the CPU's utilisation where there is no other", () => {
  expect(heard(trailersWith({ applicationUtilization: 0.5, requestsPerSecond: 7, errorsPerSecond: 2 }))).toEqual({
    application_utilization: 0.5,
    rps_fractional: 7,
    eps: 2,
  });
  expect(heard(trailersWith({ cpuUtilization: 0.25 }))).toEqual({
    application_utilization: 0.25,
    rps_fractional: 0,
    eps: 0,
  });
});

it("leaves alone what reports nothing, and picks that nobody follows", () => {
  expect(heard(new Metadata())).toBeUndefined();
  const answer = { onCallEnded: null };
  const picker = weighingPicker({ pick: () => answer as never });
  expect(picker.pick({ metadata: new Metadata(), extraPickInfo: {} })).toBe(answer);
});
