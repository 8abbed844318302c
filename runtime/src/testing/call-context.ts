import type { DescMethod } from "@bufbuild/protobuf";
import { Metadata } from "@grpc/grpc-js";
import type { CallContext, ContextValues } from "../call/call-context.js";
import { createContextValues } from "../call/context-values.js";
import type { Logger } from "../log/logger.js";
import { addLoadReport } from "../wire/load-report.js";

/** What {@link createCallContext} can be given. All of it has a default. */
export interface CallContextInit {
  readonly signal?: AbortSignal;
  readonly deadline?: Date;
  readonly requestMetadata?: Metadata;
  readonly peer?: string;
  /** Default: one that writes nothing. */
  readonly logger?: Logger;
  readonly values?: ContextValues;
}

/**
 * Makes the context of a call that nobody made, to call a servicer's method directly:
 * `servicer.transfer(request, createCallContext(LedgerService.method.transfer))`.
 */
export function createCallContext(method: DescMethod, init: CallContextInit = {}): CallContext {
  const { deadline } = init;
  const responseTrailers = new Metadata();
  return {
    method,
    path: `/${method.parent.typeName}/${method.name}`,
    signal: init.signal ?? new AbortController().signal,
    deadline,
    timeRemaining: () =>
      deadline === undefined ? Number.POSITIVE_INFINITY : Math.max(0, deadline.getTime() - Date.now()),
    requestMetadata: init.requestMetadata ?? new Metadata(),
    responseHeaders: new Metadata(),
    responseTrailers,
    sendHeaders: () => {},
    reportLoad: (report) => void addLoadReport(responseTrailers, report),
    peer: init.peer ?? "127.0.0.1:0",
    logger: init.logger ?? silentLogger,
    values: init.values ?? createContextValues(),
  };
}

/** Writes nothing. */
export const silentLogger: Logger = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  isLevelEnabled: () => false,
};
