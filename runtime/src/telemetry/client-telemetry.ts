import { isIP } from "node:net";
import type { DescMethod } from "@bufbuild/protobuf";
import type { ChannelInterface, Metadata } from "@grpc/grpc-js";
import { type Attributes, type Context, context, type Span, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import { type RpcMethod, rpcMethod } from "../call/rpc-method.js";
import { type AttemptCounter, type AttemptEnd, CallAttempts } from "../grpc-js/call-attempts.js";
import { type ChannelTarget, channelTarget } from "../grpc-js/channel-target.js";
import { loggedError } from "../log/logged-error.js";
import { type HostPort, hostPort } from "../wire/host-port.js";
import { Status, statusName } from "../wire/status.js";
import { type CallMetrics, registeredMetrics } from "./call-metrics.js";
import { registeredTracer } from "./registered-tracer.js";
import { responseAttributes, spanResponseAttributes } from "./response-attributes.js";
import { guarded } from "./telemetry-fault.js";
import { contextIntoMetadata } from "./trace-context.js";

/** A call that is made, as far as spans and metrics name it. */
export interface MadeCall {
  readonly method: DescMethod;
  readonly channel: ChannelInterface;
}

/** How a call ended for its caller. */
export interface MadeEnd {
  readonly status: Status;
  readonly details: string;
  /** What code of the caller's own threw. */
  readonly thrown?: unknown;
  /** `127.0.0.1:50051`; anything else if the call never reached a server. */
  readonly peer: string | undefined;
}

/** The context in which a method is called: its span becomes the parent of the call's. `undefined` while nobody traces. */
export function callersContext(): Context | undefined {
  return registeredTracer() === undefined ? undefined : context.active();
}

/** What OpenTelemetry is told of a call that is made: its span, and the metrics of gRFC A66 that calls have. */
export class ClientTelemetry {
  readonly #method: RpcMethod;
  readonly #target: ChannelTarget;
  readonly #metrics: CallMetrics | undefined;
  readonly #startedAt = performance.now();
  #attempts: CallAttempts | undefined;
  #context: Context | undefined;
  #span: Span | undefined;

  private constructor(call: MadeCall, parent: Context | undefined, metrics: CallMetrics | undefined) {
    this.#method = rpcMethod(call.method);
    this.#target = channelTarget(call.channel);
    this.#metrics = metrics;
    if (parent !== undefined) {
      guarded(() => this.#begin(parent));
    }
  }

  /**
   * Begins with a call, if an SDK is registered that wants to know of it.
   *
   * @param parent what {@link callersContext} said when the method was called
   */
  static of(call: MadeCall, parent: Context | undefined): ClientTelemetry | undefined {
    const metrics = registeredMetrics();
    return parent === undefined && metrics === undefined ? undefined : new ClientTelemetry(call, parent, metrics);
  }

  /** Writes the trace into the call's metadata, for the server to go on with, and has the call's attempts counted. */
  inject(metadata: Metadata): void {
    const metrics = this.#metrics;
    if (metrics !== undefined) {
      this.#attempts = new CallAttempts(new MeasuredAttempts(metrics, this.#metricAttributes, this.#context));
      this.#attempts.follow(metadata);
    }
    if (this.#context !== undefined) {
      contextIntoMetadata(this.#context, metadata);
    }
  }

  /** The call has ended. To be called once. */
  ended(end: MadeEnd): void {
    guarded(() => this.#endSpan(end));
    this.#attempts?.callEnded(end.status);
    guarded(() => this.#measure(end));
  }

  #measure(end: MadeEnd): void {
    const seconds = (performance.now() - this.#startedAt) / 1000;
    const attributes = { ...this.#metricAttributes, "grpc.status": statusName(end.status) };
    this.#metrics?.clientCallDuration.record(seconds, attributes, this.#context);
    this.#metrics?.rpcClientCallDuration?.record(
      seconds,
      {
        ...this.#method.metricAttributes,
        ...serverAttributes(this.#target.server ?? hostPort(end.peer ?? "")),
        ...responseAttributes(end.status, end.status !== Status.OK),
      },
      this.#context,
    );
  }

  get #metricAttributes(): Attributes {
    return { "grpc.method": this.#method.name, "grpc.target": this.#target.target };
  }

  #begin(parent: Context): void {
    const attributes = { ...this.#method.spanAttributes, ...serverAttributes(this.#target.server) };
    const span = registeredTracer()?.startSpan(this.#method.name, { kind: SpanKind.CLIENT, attributes }, parent);
    if (span !== undefined) {
      this.#context = trace.setSpan(parent, span);
      this.#span = span;
    }
  }

  #endSpan({ status, details, thrown, peer }: MadeEnd): void {
    const span = this.#span;
    if (span === undefined) {
      return;
    }
    if (span.isRecording()) {
      span.setAttributes(spanResponseAttributes(status, status !== Status.OK));
      const { host, port } = hostPort(peer ?? "");
      if (isIP(host) !== 0) {
        span.setAttribute("network.peer.address", host);
        if (port !== undefined) {
          span.setAttribute("network.peer.port", port);
        }
        if (this.#target.server === undefined) {
          // A list of addresses: which of them it was is known now.
          span.setAttributes(serverAttributes({ host, port }));
        }
      }
      if (thrown instanceof Error) {
        span.recordException(loggedError(thrown));
      }
      if (status !== Status.OK) {
        span.setStatus({ code: SpanStatusCode.ERROR, message: details || statusName(status) });
      }
    }
    span.end();
  }
}

function serverAttributes(server: HostPort | undefined): Attributes {
  return {
    ...(server !== undefined && server.host !== "" && { "server.address": server.host }),
    ...(server?.port !== undefined && { "server.port": server.port }),
  };
}

/** gRFC A66's `grpc.client.attempt.*`, of one call. */
class MeasuredAttempts implements AttemptCounter {
  readonly #metrics: CallMetrics;
  readonly #attributes: Attributes;
  readonly #context: Context | undefined;

  /** @param context with the call's span, for exemplars */
  constructor(metrics: CallMetrics, attributes: Attributes, context: Context | undefined) {
    this.#metrics = metrics;
    this.#attributes = attributes;
    this.#context = context;
  }

  attemptStarted(): void {
    guarded(() => this.#metrics.clientAttemptStarted.add(1, this.#attributes, this.#context));
  }

  attemptEnded({ status, durationMs, sentBytes, receivedBytes }: AttemptEnd): void {
    guarded(() => {
      const attributes = { ...this.#attributes, "grpc.status": statusName(status) };
      this.#metrics.clientAttemptDuration.record(durationMs / 1000, attributes, this.#context);
      this.#metrics.clientAttemptSentBytes.record(sentBytes, attributes, this.#context);
      this.#metrics.clientAttemptReceivedBytes.record(receivedBytes, attributes, this.#context);
    });
  }
}
