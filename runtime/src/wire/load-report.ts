import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import type { Metadata } from "@grpc/grpc-js";
import { type OrcaLoadReport, OrcaLoadReportSchema } from "../gen/xds/data/orca/v3/orca_load_report_pb.js";

/**
 * How busy a server is, or what a call has cost it, as ORCA tells it (gRFC A51). Utilisations are fractions of what there is:
 * 0.5 is half. All of it may be left out.
 */
export interface LoadReport {
  /** It may be over 1 where the limit is a soft one. */
  readonly cpuUtilization?: number;
  /** 0 to 1. */
  readonly memoryUtilization?: number;
  /** What the service itself takes for its utilisation, the larger of CPU and memory, say. It may be over 1. */
  readonly applicationUtilization?: number;
  /** Requests per second, of all services of the server. */
  readonly requestsPerSecond?: number;
  /** Errors per second, of all services of the server. */
  readonly errorsPerSecond?: number;
  /** Utilisations of other resources by their names, 0 to 1. */
  readonly utilization?: Readonly<Record<string, number>>;
  /** What one call has cost, by the names of the costs, in units of the service's own. */
  readonly requestCost?: Readonly<Record<string, number>>;
  /** Whatever else caller and server have agreed on. */
  readonly namedMetrics?: Readonly<Record<string, number>>;
}

/** The trailer with what a call reports: an encoded `xds.data.orca.v3.OrcaLoadReport`. */
export const LOAD_REPORT_TRAILER = "endpoint-load-metrics-bin";

/** The largest report that a call carries, in bytes: proxies have little room for trailers. */
export const MAX_LOAD_REPORT_BYTES = 1024;

/**
 * Puts a report into a call's trailers, over what is reported there already: a number replaces an earlier one of its name.
 *
 * @returns what isn't reported: values that are no numbers or out of their range, and all of it if there is no room for it
 */
export function addLoadReport(trailers: Metadata, report: LoadReport): readonly string[] {
  const { accepted, ignored } = checkedReport(report);
  const encoded = encodeLoadReport(mergedReports(loadReportOf(trailers) ?? {}, accepted));
  if (encoded.byteLength > MAX_LOAD_REPORT_BYTES) {
    return [`all of it: it has ${encoded.byteLength} bytes, and the limit is ${MAX_LOAD_REPORT_BYTES}`];
  }
  trailers.set(LOAD_REPORT_TRAILER, encoded);
  return ignored;
}

/** What a server reports in a call's trailers; `undefined` if it reports nothing that can be read. Never throws. */
export function loadReportOf(trailers: Metadata): LoadReport | undefined {
  const [encoded] = trailers.get(LOAD_REPORT_TRAILER);
  if (!(encoded instanceof Uint8Array)) {
    return undefined;
  }
  try {
    return fromOrca(fromBinary(OrcaLoadReportSchema, encoded));
  } catch {
    return undefined;
  }
}

/** One report over another: a number replaces an earlier one of its name. */
export function mergedReports(earlier: LoadReport, later: LoadReport): LoadReport {
  const merged: Record<string, unknown> = { ...earlier, ...later };
  for (const name of NAMED) {
    if (earlier[name] !== undefined && later[name] !== undefined) {
      merged[name] = { ...earlier[name], ...later[name] };
    }
  }
  return merged;
}

/** What of a report can be told, and the names of the rest. */
export function checkedReport(report: LoadReport): { accepted: LoadReport; ignored: readonly string[] } {
  const accepted: Record<string, unknown> = {};
  const ignored: string[] = [];
  for (const [name, [least, most]] of Object.entries(RANGES)) {
    const value: unknown = report[name as keyof LoadReport];
    if (isWithin(value, least, most)) {
      accepted[name] = value;
    } else if (value !== undefined) {
      ignored.push(name);
    }
  }
  for (const name of NAMED) {
    const [least, most] = name === "utilization" ? [0, 1] : [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
    const entries = Object.entries(report[name] ?? {});
    const fit = entries.filter(([, value]) => isWithin(value, least, most));
    ignored.push(...entries.filter((entry) => !fit.includes(entry)).map(([key]) => `${name}.${key}`));
    if (fit.length > 0) {
      accepted[name] = Object.fromEntries(fit);
    }
  }
  return { accepted, ignored };
}

/** As the service of gRFC A51 sends it. */
export function toOrca(report: LoadReport): OrcaLoadReport {
  return create(OrcaLoadReportSchema, {
    cpuUtilization: report.cpuUtilization ?? 0,
    memUtilization: report.memoryUtilization ?? 0,
    applicationUtilization: report.applicationUtilization ?? 0,
    rpsFractional: report.requestsPerSecond ?? 0,
    eps: report.errorsPerSecond ?? 0,
    utilization: { ...report.utilization },
    requestCost: { ...report.requestCost },
    namedMetrics: { ...report.namedMetrics },
  });
}

/** A report that was received. What is 0 may not have been reported: the wire doesn't tell the two apart. */
export function fromOrca(report: OrcaLoadReport): LoadReport {
  return {
    ...(report.cpuUtilization !== 0 && { cpuUtilization: report.cpuUtilization }),
    ...(report.memUtilization !== 0 && { memoryUtilization: report.memUtilization }),
    ...(report.applicationUtilization !== 0 && { applicationUtilization: report.applicationUtilization }),
    // Older servers know whole requests only.
    ...((report.rpsFractional !== 0 || report.rps !== 0n) && {
      requestsPerSecond: report.rpsFractional || Number(report.rps),
    }),
    ...(report.eps !== 0 && { errorsPerSecond: report.eps }),
    ...(Object.keys(report.utilization).length > 0 && { utilization: report.utilization }),
    ...(Object.keys(report.requestCost).length > 0 && { requestCost: report.requestCost }),
    ...(Object.keys(report.namedMetrics).length > 0 && { namedMetrics: report.namedMetrics }),
  };
}

const NAMED = ["utilization", "requestCost", "namedMetrics"] as const satisfies readonly (keyof LoadReport)[];

const RANGES = {
  cpuUtilization: [0, Number.POSITIVE_INFINITY],
  memoryUtilization: [0, 1],
  applicationUtilization: [0, Number.POSITIVE_INFINITY],
  requestsPerSecond: [0, Number.POSITIVE_INFINITY],
  errorsPerSecond: [0, Number.POSITIVE_INFINITY],
} as const satisfies Partial<Record<keyof LoadReport, readonly [least: number, most: number]>>;

function isWithin(value: unknown, least: number, most: number): boolean {
  return typeof value === "number" && Number.isFinite(value) && value >= least && value <= most;
}

/** A report as trailers carry it. */
export function encodeLoadReport(report: LoadReport): Buffer {
  return Buffer.from(toBinary(OrcaLoadReportSchema, toOrca(report)));
}
