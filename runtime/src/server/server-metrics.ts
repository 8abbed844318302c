import { setTimeout } from "node:timers/promises";
import { type Duration, durationMs } from "@bufbuild/protobuf/wkt";
import type { CallContext } from "../call/call-context.js";
import { LONGEST_TIMER_MS } from "../contract/defaults.js";
import { OpenRcaService, type OrcaLoadReportRequest } from "../gen/xds/service/orca/v3/orca_pb.js";
import { checkOptions } from "../options/check-options.js";
import { type OptionRules, time } from "../options/option-rule.js";
import { checkedReport, type LoadReport, mergedReports, toOrca } from "../wire/load-report.js";
import { type BoundService, bindService } from "./bind-service.js";

/** How a {@link ServerMetricRecorder} is set up. */
export interface ServerMetricRecorderInit {
  /** How often a client may have reports at the most, in milliseconds: who asks for more gets this. Default 30 s. */
  readonly minReportIntervalMs?: number;
}

const DEFAULT_INTERVAL_MS = 30_000;

export const METRIC_RECORDER_RULES: OptionRules<ServerMetricRecorderInit> = {
  minReportIntervalMs: time({ least: 1 }),
};

/**
 * What a server says of its load as a whole, to clients that ask for it apart from any call (gRFC A51, out of band): a server
 * that is given one in its options serves `xds.service.orca.v3.OpenRcaService`.
 */
export class ServerMetricRecorder {
  readonly #minReportIntervalMs: number;
  #report: LoadReport = {};

  /** @throws {TypeError} if the interval isn't a positive number of milliseconds */
  constructor(init: ServerMetricRecorderInit = {}) {
    checkOptions("Can't record a server's load", init, METRIC_RECORDER_RULES);
    this.#minReportIntervalMs = init.minReportIntervalMs ?? DEFAULT_INTERVAL_MS;
  }

  /** What is reported now. It may go into the report of a call, too: `context.reportLoad(recorder.current)`. */
  get current(): LoadReport {
    return this.#report;
  }

  /**
   * Sets what is reported, over what was: a number replaces an earlier one of its name, and the others stay.
   *
   * @returns what isn't reported, by its names: values that are no numbers, or out of their range
   */
  record(report: LoadReport): readonly string[] {
    const { accepted, ignored } = checkedReport(report);
    this.#report = mergedReports(this.#report, accepted);
    return ignored;
  }

  /** Forgets all that was recorded. */
  clear(): void {
    this.#report = {};
  }

  /** @internal the service that tells it */
  bind(): BoundService {
    const handler = (request: OrcaLoadReportRequest, { signal }: CallContext) => this.#stream(request, signal);
    return bindService(OpenRcaService, { streamCoreMetrics: { handler } });
  }

  async *#stream({ reportInterval }: OrcaLoadReportRequest, signal: AbortSignal) {
    const intervalMs = Math.max(this.#minReportIntervalMs, intervalOf(reportInterval));
    while (!signal.aborted) {
      yield toOrca(this.#report);
      await setTimeout(intervalMs, undefined, { signal }).catch(() => {});
    }
  }
}

function intervalOf(interval: Duration | undefined): number {
  const asked = interval === undefined ? 0 : durationMs(interval);
  return asked > 0 ? Math.min(asked, LONGEST_TIMER_MS) : DEFAULT_INTERVAL_MS;
}
