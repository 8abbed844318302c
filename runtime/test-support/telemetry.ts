import { context, metrics, propagation, trace } from "@opentelemetry/api";
import {
  AggregationTemporality,
  type DataPoint,
  type Histogram,
  InMemoryMetricExporter,
  MeterProvider,
  type MetricData,
  PeriodicExportingMetricReader,
} from "@opentelemetry/sdk-metrics";
import {
  InMemorySpanExporter,
  NodeTracerProvider,
  type ReadableSpan,
  type Sampler,
  SimpleSpanProcessor,
} from "@opentelemetry/sdk-trace-node";

/** A real OpenTelemetry SDK, registered for this process, that keeps what it is told. */
export interface TestSdk {
  /** The spans that have ended, in this order. */
  spans(): ReadableSpan[];
  /** Data points by metric, of all that was recorded so far. */
  metric(name: string): Promise<MetricData | undefined>;
  /** Takes the SDK out again. */
  shutdown(): Promise<void>;
}

export function registerTestSdk(options: { sampler?: Sampler; tracing?: boolean; metering?: boolean } = {}): TestSdk {
  const { tracing = true, metering = true, sampler } = options;
  const spans = new InMemorySpanExporter();
  const tracerProvider = new NodeTracerProvider({
    ...(sampler && { sampler }),
    spanProcessors: [new SimpleSpanProcessor(spans)],
  });
  const measured = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter: measured, exportIntervalMillis: 2 ** 31 - 1 });
  const meterProvider = new MeterProvider({ readers: [reader] });
  if (tracing) {
    tracerProvider.register();
  }
  if (metering) {
    metrics.setGlobalMeterProvider(meterProvider);
  }
  return {
    spans: () => spans.getFinishedSpans(),
    metric: async (name) => {
      measured.reset();
      await reader.forceFlush();
      const all = measured.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((scope) => scope.metrics));
      return all.find(({ descriptor }) => descriptor.name === name);
    },
    shutdown: async () => {
      for (const api of [trace, metrics, context, propagation]) {
        api.disable();
      }
      await tracerProvider.shutdown();
      await meterProvider.shutdown();
    },
  };
}

/** What a histogram has counted, by its attributes. */
export function histogramPoints(metric: MetricData | undefined): DataPoint<Histogram>[] {
  return (metric?.dataPoints ?? []) as DataPoint<Histogram>[];
}
