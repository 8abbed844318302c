import {
  type Counter,
  createNoopMeter,
  type Histogram,
  type Meter,
  type MeterProvider,
  metrics,
} from "@opentelemetry/api";
import { askedConventions, SCHEMA_URL } from "../call/rpc-conventions.js";
import { INSTRUMENTATION_SCOPE } from "./instrumentation-scope.js";

/** The instruments of gRFC A66, and those of OpenTelemetry's conventions where they are asked for. Durations are in seconds, sizes in bytes: of messages, compressed, without framing. */
export interface CallMetrics {
  readonly clientCallDuration: Histogram;
  readonly clientAttemptStarted: Counter;
  readonly clientAttemptDuration: Histogram;
  readonly clientAttemptSentBytes: Histogram;
  readonly clientAttemptReceivedBytes: Histogram;
  readonly serverCallStarted: Counter;
  readonly serverCallDuration: Histogram;
  readonly serverSentBytes: Histogram;
  readonly serverReceivedBytes: Histogram;
  readonly rpcClientCallDuration: Histogram | undefined;
  readonly rpcServerCallDuration: Histogram | undefined;
}

let known: MeterProvider | undefined;
let instruments: CallMetrics | undefined;

/**
 * The instruments of the OpenTelemetry SDK that is registered now, made once for each; `undefined` while none is
 * registered. Asking costs next to nothing.
 */
export function registeredMetrics(): CallMetrics | undefined {
  const provider = metrics.getMeterProvider();
  if (provider !== known) {
    known = provider;
    const meter = provider.getMeter(INSTRUMENTATION_SCOPE.name, INSTRUMENTATION_SCOPE.version, {
      schemaUrl: SCHEMA_URL,
    });
    instruments = meter === createNoopMeter() ? undefined : makeInstruments(meter);
  }
  return instruments;
}

// The names, units and boundaries are gRFC A66's.
const SECONDS = [
  ...[
    0, 0.00001, 0.00005, 0.0001, 0.0003, 0.0006, 0.0008, 0.001, 0.002, 0.003, 0.004, 0.005, 0.006, 0.008, 0.01, 0.013,
  ],
  ...[0.016, 0.02, 0.025, 0.03, 0.04, 0.05, 0.065, 0.08, 0.1, 0.13, 0.16, 0.2, 0.25, 0.3, 0.4, 0.5, 0.65, 0.8, 1, 2, 5],
  ...[10, 20, 50, 100],
];
// Those of the conventions.
const CONVENTIONAL_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];
const BYTES = [0, ...[10, 11, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30, 32].map((power) => 2 ** power)];

function makeInstruments(meter: Meter): CallMetrics {
  const durations = { unit: "s", advice: { explicitBucketBoundaries: SECONDS } };
  const sizes = { unit: "By", advice: { explicitBucketBoundaries: BYTES } };
  return {
    clientCallDuration: meter.createHistogram("grpc.client.call.duration", {
      ...durations,
      description: "Time that the call took, from the caller's point of view, its retries included",
    }),
    clientAttemptStarted: meter.createCounter("grpc.client.attempt.started", {
      unit: "{attempt}",
      description: "Attempts of calls that were started, ended or not",
    }),
    clientAttemptDuration: meter.createHistogram("grpc.client.attempt.duration", {
      ...durations,
      description: "Time that one attempt of a call took, the wait for a connection included",
    }),
    clientAttemptSentBytes: meter.createHistogram("grpc.client.attempt.sent_total_compressed_message_size", {
      ...sizes,
      description: "Bytes of an attempt's requests, compressed, without framing",
    }),
    clientAttemptReceivedBytes: meter.createHistogram("grpc.client.attempt.rcvd_total_compressed_message_size", {
      ...sizes,
      description: "Bytes of an attempt's responses, compressed, without framing",
    }),
    serverCallStarted: meter.createCounter("grpc.server.call.started", {
      unit: "{call}",
      description: "Calls that were started, ended or not",
    }),
    serverCallDuration: meter.createHistogram("grpc.server.call.duration", {
      ...durations,
      description: "Time that the call took, from its first byte on the server to its end",
    }),
    serverSentBytes: meter.createHistogram("grpc.server.call.sent_total_compressed_message_size", {
      ...sizes,
      description: "Bytes of the call's responses, compressed, without framing",
    }),
    serverReceivedBytes: meter.createHistogram("grpc.server.call.rcvd_total_compressed_message_size", {
      ...sizes,
      description: "Bytes of the call's requests, compressed, without framing",
    }),
    ...conventionalInstruments(meter),
  };
}

function conventionalInstruments(meter: Meter): Pick<CallMetrics, "rpcClientCallDuration" | "rpcServerCallDuration"> {
  if (!askedConventions().metrics) {
    return { rpcClientCallDuration: undefined, rpcServerCallDuration: undefined };
  }
  const durations = { unit: "s", advice: { explicitBucketBoundaries: CONVENTIONAL_SECONDS } };
  return {
    rpcClientCallDuration: meter.createHistogram("rpc.client.call.duration", {
      ...durations,
      description: "Measures the duration of an outgoing Remote Procedure Call (RPC)",
    }),
    rpcServerCallDuration: meter.createHistogram("rpc.server.call.duration", {
      ...durations,
      description: "Measures the duration of an incoming Remote Procedure Call (RPC)",
    }),
  };
}
