import { randomUUID } from "node:crypto";
import type { PeerCertificate } from "node:tls";
import type { DescMethod } from "@bufbuild/protobuf";
import { Metadata } from "@grpc/grpc-js";
import type { Context } from "@opentelemetry/api";
import { BoundLogger } from "../log/bound-logger.js";
import type { Logger } from "../log/logger.js";
import { addLoadReport, type LoadReport } from "../wire/load-report.js";
import type { Abortable } from "./abortable.js";
import type { CallContext, ContextValues } from "./call-context.js";
import type { CallLog } from "./call-log.js";
import { createContextValues } from "./context-values.js";
import type { Interception } from "./interception.js";
import { DISPATCHED, type DispatchedCall } from "./method-layer.js";
import { requestIdKey } from "./request-id.js";

/** What a context needs of the call that it belongs to. */
export interface CallBehindContext extends DispatchedCall {
  readonly desc: DescMethod;
  readonly path: string;
  readonly peer: string;
  readonly peerCertificate: PeerCertificate | undefined;
  /** What the caller calls the server. */
  readonly host: string;
  readonly logger: Logger;
  readonly log: CallLog;
  readonly requestMetadata: Metadata;
  /** The id that the caller sent for its request; `undefined` without a usable one. */
  readonly sentRequestId: string | undefined;
  /** Whether the request that came last was compressed. */
  readonly requestCompressed: boolean;
  /** What is bound to the call's logger. */
  readonly logFields: Readonly<Record<string, unknown>>;
  sendHeaders(): void;
}

/** The context of a served call. What most handlers never ask for is made on first use. */
export class ServerCallContext implements CallContext {
  /** Milliseconds since the epoch; `Infinity` without a deadline. */
  readonly deadlineMs: number;
  readonly [DISPATCHED]: CallBehindContext;
  /** What is active for OpenTelemetry while the call's handler runs; `undefined` while nobody traces. */
  telemetryContext: Context | undefined;
  /** Whether responses are to be compressed; `undefined`: as the contract says. */
  compress: boolean | undefined;
  /** What the call's interceptors have asked for, if there are any. */
  interception: Interception | undefined;
  #headers: Metadata | undefined;
  #trailers: Metadata | undefined;
  #deadline: Date | undefined;
  #controller: AbortController | undefined;
  #abortReason: Error | undefined;
  #linked: Set<Abortable> | undefined;
  #values: ContextValues | undefined;
  #requestId: string | undefined;
  #logger: Logger | undefined;

  constructor(call: CallBehindContext, deadlineMs: number) {
    this[DISPATCHED] = call;
    this.deadlineMs = deadlineMs;
  }

  get requestMetadata(): Metadata {
    return this[DISPATCHED].requestMetadata;
  }

  get requestCompressed(): boolean {
    return this[DISPATCHED].requestCompressed;
  }

  get method(): DescMethod {
    return this[DISPATCHED].desc;
  }

  get path(): string {
    return this[DISPATCHED].path;
  }

  get peer(): string {
    return this[DISPATCHED].peer;
  }

  get deadline(): Date | undefined {
    if (this.#deadline === undefined && this.deadlineMs !== Number.POSITIVE_INFINITY) {
      this.#deadline = new Date(this.deadlineMs);
    }
    return this.#deadline;
  }

  timeRemaining(): number {
    return Math.max(0, this.deadlineMs - Date.now());
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#abortReason !== undefined) {
        this.#controller.abort(this.#abortReason);
      }
    }
    return this.#controller.signal;
  }

  /** Why the signal was aborted, or would have been if anybody had asked for it. */
  get abortReason(): Error | undefined {
    return this.#abortReason;
  }

  /** Aborts the signal and what is linked; only the first reason counts. */
  abort(reason: Error): void {
    if (this.#abortReason !== undefined) {
      return;
    }
    this.#abortReason = reason;
    this.#controller?.abort(reason);
    const linked = [...(this.#linked ?? [])];
    this.#linked = undefined;
    for (const target of linked) {
      target.aborted(this);
    }
  }

  /** Has `target` told when the call is aborted, as a listener of the signal would be. */
  link(target: Abortable): void {
    this.#linked ??= new Set();
    this.#linked.add(target);
  }

  /** Takes back {@link link}. */
  unlink(target: Abortable): void {
    this.#linked?.delete(target);
  }

  get responseHeaders(): Metadata {
    this.#headers ??= new Metadata();
    return this.#headers;
  }

  get responseTrailers(): Metadata {
    this.#trailers ??= new Metadata();
    return this.#trailers;
  }

  /** The headers, if anybody asked for them. */
  get filledHeaders(): Metadata | undefined {
    return this.#headers;
  }

  /** The trailers, if anybody asked for them. */
  get filledTrailers(): Metadata | undefined {
    return this.#trailers;
  }

  sendHeaders(): void {
    this[DISPATCHED].sendHeaders();
  }

  reportLoad(report: LoadReport): void {
    const ignored = addLoadReport(this.responseTrailers, report);
    if (ignored.length > 0) {
      this.logger.warn({ path: this.path, ignored }, "load_report.ignored");
    }
  }

  get logger(): Logger {
    const { logger, logFields, log } = this[DISPATCHED];
    this.#logger ??= new BoundLogger(logger, logFields, log.show);
    return this.#logger;
  }

  get values(): ContextValues {
    this.#values ??= createContextValues().set(requestIdKey, this.requestId);
    return this.#values;
  }

  /** The id of the request that the call belongs to, unless somebody has put another one into the values. */
  get requestId(): string {
    this.#requestId ??= this[DISPATCHED].sentRequestId ?? randomUUID();
    return this.#values?.get(requestIdKey) ?? this.#requestId;
  }
}
