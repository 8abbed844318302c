import { durationFromMs } from "@bufbuild/protobuf/wkt";
import type { Channel } from "../channel/channel.js";
import { ContractError } from "../errors/contract-error.js";
import { defineErrorMap } from "../errors/error-map.js";
import { nameClass } from "../errors/name-class.js";
import { OpenRcaService } from "../gen/xds/service/orca/v3/orca_pb.js";
import { checkOptions } from "../options/check-options.js";
import { flag, functionThat, type OptionRules, required, rule, time, unchecked } from "../options/option-rule.js";
import { fromOrca, type LoadReport } from "../wire/load-report.js";
import { bindClient } from "./bind-client.js";
import type { CallOptions } from "./client-method.js";
import { callCredentialsRule, metadataRule } from "./client-option-rules.js";

/** How a server's load is watched. */
export interface WatchLoadOptions extends Omit<CallOptions, "timeoutMs"> {
  /** How often a report is asked for, in milliseconds. The server may send fewer. */
  readonly intervalMs: number;
}

/** Why a server's load can't be watched: UNIMPLEMENTED where it doesn't report any. */
export class LoadReportError extends ContractError {
  static {
    nameClass(LoadReportError, "LoadReportError");
  }
}

export const WATCH_LOAD_RULES: OptionRules<WatchLoadOptions> = {
  intervalMs: required(time({ least: 1 })),
  signal: rule("an AbortSignal", (value) => value instanceof AbortSignal),
  metadata: metadataRule,
  waitForReady: flag,
  credentials: callCredentialsRule,
  // Whatever requests there are: it is looked at for each.
  compress: unchecked,
  onHeaders: functionThat(),
  onTrailers: functionThat(),
};

/**
 * Asks a server for its load, apart from any call (gRFC A51, out of band), until the loop is left, the signal is aborted or
 * the call fails.
 *
 * It is one call, and so to one of the servers behind a channel: whoever watches all of them opens a channel to each.
 *
 * @throws {LoadReportError} from the iteration, when the call ends
 * @throws {TypeError} if the interval isn't a positive number of milliseconds
 */
export async function* watchLoad(channel: Channel, options: WatchLoadOptions): AsyncGenerator<LoadReport, void> {
  checkOptions("Can't watch a server's load", options, WATCH_LOAD_RULES);
  const { intervalMs, ...callOptions } = options;
  const client = bindClient(OpenRcaService, NO_CONTRACT, channel);
  const watch = client.serverStreaming(OpenRcaService.method.streamCoreMetrics, {
    raises: [],
    timeoutMs: Number.POSITIVE_INFINITY,
  });
  for await (const report of watch({ reportInterval: durationFromMs(intervalMs) }, callOptions)) {
    yield fromOrca(report);
  }
}

const NO_CONTRACT = defineErrorMap({
  domain: OpenRcaService.typeName,
  errors: [],
  categories: {
    Unavailable: LoadReportError,
    InvalidArgument: LoadReportError,
    Conflict: LoadReportError,
    NotFound: LoadReportError,
    FailedPrecondition: LoadReportError,
    PermissionDenied: LoadReportError,
    Unauthenticated: LoadReportError,
    ResourceExhausted: LoadReportError,
    Cancelled: LoadReportError,
    Unknown: LoadReportError,
  },
});
