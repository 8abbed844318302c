import { isIP } from "node:net";
import type { DescMethod } from "@bufbuild/protobuf";
import type { Metadata } from "@grpc/grpc-js";
import {
  type Attributes,
  type Context,
  type Span,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from "@opentelemetry/api";
import type { CallFailure } from "../call/call-failure.js";
import type { LogSettings } from "../call/call-log.js";
import { type RpcMethod, rpcMethod } from "../call/rpc-method.js";
import { loggedError } from "../log/logged-error.js";
import type { ConnectionAddresses } from "../wire/connection-addresses.js";
import { hostPort } from "../wire/host-port.js";
import { type Status, statusName } from "../wire/status.js";
import { type CallMetrics, registeredMetrics } from "./call-metrics.js";
import { registeredTracer } from "./registered-tracer.js";
import { isServerFault, responseAttributes, spanResponseAttributes } from "./response-attributes.js";
import { guarded } from "./telemetry-fault.js";
import { contextFromMetadata } from "./trace-context.js";

/** A method that is served, as far as spans and metrics name it. */
export interface TracedMethod {
  readonly desc: DescMethod;
  readonly logSettings: Pick<LogSettings, "quiet">;
}

/** Where a call came from. */
export interface CallOrigin {
  readonly requestMetadata: Metadata;
  /** What the caller calls this server. */
  readonly host: string;
  readonly addresses: ConnectionAddresses;
}

/** How a served call ended, as spans and metrics tell it. */
export interface ServedEnd {
  readonly status: Status;
  /** The status message, if there is any. */
  readonly message: string | undefined;
  /** What went wrong, if this side knows more than the status. */
  readonly failure: CallFailure | undefined;
  readonly durationMs: number;
  readonly requests: number;
  readonly sentBytes: number;
  /** With gRPC's framing. */
  readonly receivedBytes: number;
}

/**
 * What OpenTelemetry is told of a call on the server: its span, and the metrics of gRFC A66.
 *
 * The server's own services (health, reflection) have metrics, and no spans: nobody wants to read a trace per probe.
 */
export class ServerTelemetry {
  readonly #method: RpcMethod;
  readonly #tracer: Tracer | undefined;
  readonly #metrics: CallMetrics | undefined;
  #context: Context | undefined;
  #span: Span | undefined;

  private constructor(method: TracedMethod, tracer: Tracer | undefined, metrics: CallMetrics | undefined) {
    this.#method = rpcMethod(method.desc);
    this.#tracer = tracer;
    this.#metrics = metrics;
    if (metrics !== undefined) {
      guarded(() => metrics.serverCallStarted.add(1, { "grpc.method": this.#method.name }));
    }
  }

  /** Begins with a call, if an SDK is registered that wants to know of it. */
  static of(method: TracedMethod): ServerTelemetry | undefined {
    const tracer = method.logSettings.quiet ? undefined : registeredTracer();
    const metrics = registeredMetrics();
    return tracer === undefined && metrics === undefined ? undefined : new ServerTelemetry(method, tracer, metrics);
  }

  /** The call's span; `undefined` before {@link received}, and while nobody traces. */
  get span(): Span | undefined {
    return this.#span;
  }

  /** What is to be active while the call's handler runs: the span, and what the caller sent with the trace. */
  get context(): Context | undefined {
    return this.#context;
  }

  /** The caller's metadata has come: the span begins, in the caller's trace. */
  received(origin: CallOrigin): void {
    const tracer = this.#tracer;
    if (tracer === undefined) {
      return;
    }
    guarded(() => {
      const caller = contextFromMetadata(origin.requestMetadata);
      const attributes = { ...this.#method.spanAttributes, ...connectionAttributes(origin) };
      const span = tracer.startSpan(this.#method.name, { kind: SpanKind.SERVER, attributes }, caller);
      this.#context = trace.setSpan(caller, span);
      this.#span = span;
    });
  }

  /** The call has ended. To be called once. */
  ended(end: ServedEnd): void {
    guarded(() => this.#endSpan(end));
    guarded(() => this.#measure(end));
  }

  #endSpan({ status, message, failure }: ServedEnd): void {
    const span = this.#span;
    if (span === undefined) {
      return;
    }
    if (span.isRecording()) {
      const isError = isServerFault(status) || (failure?.undeclared ?? false);
      span.setAttributes(spanResponseAttributes(status, isError));
      if (failure?.code !== undefined) {
        span.setAttribute("accord.error_code", failure.code);
      }
      if (failure?.errorId !== undefined) {
        span.setAttribute("accord.error_id", failure.errorId);
      }
      // What the contract declares is an answer. Anything else is a fault of this server's, and needs its stack.
      if (failure?.err !== undefined && failure.level === "error") {
        span.recordException(loggedError(failure.err));
      }
      if (isError) {
        span.setStatus({ code: SpanStatusCode.ERROR, message: message ?? statusName(status) });
      }
    }
    span.end();
  }

  #measure({ status, failure, durationMs, requests, sentBytes, receivedBytes }: ServedEnd): void {
    if (this.#metrics === undefined) {
      return;
    }
    const attributes = { "grpc.method": this.#method.name, "grpc.status": statusName(status) };
    const { serverCallDuration, rpcServerCallDuration, serverSentBytes, serverReceivedBytes } = this.#metrics;
    const received = Math.max(0, receivedBytes - requests * FRAMING_BYTES);
    serverCallDuration.record(durationMs / 1000, attributes, this.#context);
    const isError = isServerFault(status) || (failure?.undeclared ?? false);
    rpcServerCallDuration?.record(
      durationMs / 1000,
      { ...this.#method.metricAttributes, ...responseAttributes(status, isError) },
      this.#context,
    );
    serverSentBytes.record(sentBytes, attributes, this.#context);
    serverReceivedBytes.record(received, attributes, this.#context);
  }
}

/** What gRPC puts before each message. */
const FRAMING_BYTES = 5;

function connectionAttributes(origin: CallOrigin): Attributes {
  const { remoteAddress, remotePort } = origin.addresses;
  const asked = hostPort(origin.host);
  const attributes: Attributes = {};
  // What the caller calls this server. Where the connection came in says nothing of it, so that it is no stand-in.
  if (asked.host !== "") {
    attributes["server.address"] = asked.host;
    if (asked.port !== undefined) {
      attributes["server.port"] = asked.port;
    }
  }
  if (remoteAddress !== undefined && isIP(remoteAddress) !== 0) {
    attributes["network.peer.address"] = remoteAddress;
    attributes["network.type"] = isIP(remoteAddress) === 6 ? "ipv6" : "ipv4";
  }
  if (remotePort !== undefined) {
    attributes["network.peer.port"] = remotePort;
  }
  return attributes;
}
