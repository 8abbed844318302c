import { metrics } from "@opentelemetry/api";
import { OTLPMetricExporter } from "@opentelemetry/exporter-metrics-otlp-proto";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-proto";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { MeterProvider, PeriodicExportingMetricReader } from "@opentelemetry/sdk-metrics";
import { BatchSpanProcessor, NodeTracerProvider } from "@opentelemetry/sdk-trace-node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { NotRun } from "../proof/suite.js";
import { type Backends, startBackends } from "./backends.js";
import { DURATION_BOUNDARIES, SERVER_FAILURES } from "./conventions.js";
import { metricDeviations, spanDeviations } from "./deviations.js";
import { type ArrivedMetric, type ArrivedSpan, textOf } from "./otlp.js";
import { type PlayedCalls, playCalls } from "./played-calls.js";
import { readRegistry } from "./registry.js";

// A program with OpenTelemetry's SDK makes calls and serves them. What arrives at a Collector, and what Prometheus then answers, is compared
// with the conventions' registry, and with gRFC A66.

const SERVICE_NAME = "ledger";
const RUNTIME = "@accord-grpc/runtime";
// The one error that is played undeclared: for a server it is a failure of its own, whatever its status.
const FAILURES = new Set([...SERVER_FAILURES, "INVALID_ARGUMENT"]);

const registry = readRegistry();

/** What was played, and what came of it. */
interface Played {
  readonly backends: Backends;
  readonly played: PlayedCalls;
  readonly spans: readonly ArrivedSpan[];
  readonly metrics: readonly ArrivedMetric[];
}

let all: Played | undefined;

beforeAll(async () => {
  let backends: Backends;
  try {
    backends = await startBackends();
  } catch (error) {
    if (error instanceof NotRun) {
      process.stderr.write(`The Collector and Prometheus aren't tried: ${error.message}\n`);
      return;
    }
    throw error;
  }
  const resource = resourceFromAttributes({ "service.name": SERVICE_NAME });
  const traces = new NodeTracerProvider({
    resource,
    spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter({ url: `${backends.otlp}/v1/traces` }))],
  });
  const reader = new PeriodicExportingMetricReader({
    exporter: new OTLPMetricExporter({ url: `${backends.otlp}/v1/metrics` }),
    // Once, when all calls are over.
    exportIntervalMillis: 2 ** 31 - 1,
  });
  const meters = new MeterProvider({ resource, readers: [reader] });
  traces.register();
  metrics.setGlobalMeterProvider(meters);
  const played = await playCalls();
  await Promise.all([traces.shutdown(), meters.shutdown()]);
  const count = played.calls.reduce((sum, { served }) => sum + 1 + served.length, 0);
  all = { backends, played, spans: await backends.spans(count), metrics: await backends.metrics() };
});

afterAll(async () => {
  await all?.backends.close();
});

/** A test of what has arrived. Where nothing could be built, nothing is tested, and the line that says so is printed. */
function arrives(name: string, test: (arrived: Played) => unknown): void {
  it(name, async ({ skip }) => {
    if (all === undefined) {
      skip("there is no Collector");
      return;
    }
    await test(all);
  });
}

const statusOf = (attributes: ArrivedSpan["attributes"]) => textOf(attributes.get("rpc.status_code"));

describe("the Collector gets", () => {
  arrives("spans as the registry has them", ({ spans }) => {
    expect([...new Set(spans.flatMap((span) => spanDeviations(span, registry, FAILURES)))]).toEqual([]);
    expect(new Set(spans.map(({ scope }) => scope))).toEqual(new Set([RUNTIME]));
  });

  arrives("a span of each call's client, and one of each attempt's server below it", ({ spans, played }) => {
    const made = spans
      .filter(({ side }) => side === "client")
      .map((span) => ({
        method: textOf(span.attributes.get("rpc.method")),
        status: statusOf(span.attributes),
        served: spans
          .filter(({ side, parentSpanId, traceId }) => {
            return side === "server" && parentSpanId === span.spanId && traceId === span.traceId;
          })
          .map(({ attributes }) => statusOf(attributes)),
      }));
    expect(made).toEqual(played.calls.map(({ method, status, served }) => ({ method, status, served: [...served] })));
  });

  arrives("the server's name and port on both sides", ({ spans, played }) => {
    for (const { attributes } of spans) {
      expect(textOf(attributes.get("server.address"))).toBe(played.host);
      expect(textOf(attributes.get("server.port"))).toBe(String(played.port));
    }
  });

  arrives("durations as the registry has them", (arrived) => {
    const durations = arrived.metrics.filter(({ name }) => name.startsWith("rpc."));
    expect(durations.map(({ name }) => name).sort()).toEqual(["rpc.client.call.duration", "rpc.server.call.duration"]);
    expect([...new Set(durations.flatMap((metric) => metricDeviations(metric, registry, FAILURES)))]).toEqual([]);
  });

  arrives("gRFC A66's metrics", (arrived) => {
    const found = arrived.metrics
      .filter(({ name }) => name.startsWith("grpc."))
      .map(({ name, unit, kind, points }) => ({
        name,
        unit,
        kind,
        attributes: [...new Set(points.map(({ attributes }) => [...attributes.keys()].sort().join()))],
      }));
    expect(found.sort((a, b) => (a.name < b.name ? -1 : 1))).toEqual(A66);
  });
});

describe("Prometheus answers", () => {
  const CONVENTIONAL = "error_type,rpc_method,rpc_response_status_code,rpc_status_code,rpc_system_name";

  arrives("how long calls took, by the conventions' names", async ({ backends, played }) => {
    for (const [side, labels] of [
      ["client", `${CONVENTIONAL},server_address,server_port`],
      ["server", CONVENTIONAL],
    ] as const) {
      const counts = await backends.query(`rpc_${side}_call_duration_seconds_count{job="${SERVICE_NAME}"}`);
      const named = new Set(counts.flatMap(({ metric }) => Object.keys(metric)));
      expect(
        [...named]
          .filter((label) => !OWN_LABELS.has(label))
          .sort()
          .join(),
      ).toBe(labels);
      const byStatus = countsBy(counts, ({ rpc_method, rpc_status_code }) => `${rpc_method} ${rpc_status_code}`);
      const expected = played.calls.flatMap(({ method, status, served }) =>
        (side === "client" ? [status] : served).map((each) => `${method} ${each}`),
      );
      expect(byStatus).toEqual(countsOf(expected));
    }
  });

  arrives("in buckets of the conventions' boundaries", async ({ backends }) => {
    for (const side of ["client", "server"]) {
      const buckets = await backends.query(`sum by (le) (rpc_${side}_call_duration_seconds_bucket)`);
      const boundaries = buckets.map(({ metric }) =>
        Number(metric.le === "+Inf" ? Number.POSITIVE_INFINITY : metric.le),
      );
      expect(boundaries.sort((a, b) => a - b)).toEqual([...DURATION_BOUNDARIES, Number.POSITIVE_INFINITY]);
    }
  });

  arrives("how many attempts were made, by gRFC A66's names", async ({ backends, played }) => {
    const attempts = played.calls.reduce((sum, { served }) => sum + served.length, 0);
    for (const name of ["grpc_client_attempt_started_total", "grpc_server_call_started_total"]) {
      const [sum] = await backends.query(`sum(${name})`);
      expect(Number(sum?.value[1])).toBe(attempts);
    }
    for (const { name, unit } of A66.filter(({ kind }) => kind === "histogram")) {
      const [sum] = await backends.query(
        `sum(${name.replaceAll(".", "_")}_${unit === "s" ? "seconds" : "bytes"}_count)`,
      );
      expect(Number(sum?.value[1])).toBe(name === "grpc.client.call.duration" ? played.calls.length : attempts);
    }
  });
});

// What Prometheus itself puts on each series of a resource.
const OWN_LABELS = new Set([
  "__name__",
  "job",
  "instance",
  "otel_scope_name",
  "otel_scope_version",
  "otel_scope_schema_url",
]);

function countsBy(
  samples: readonly { readonly metric: Readonly<Record<string, string>>; readonly value: readonly [number, string] }[],
  key: (labels: Readonly<Record<string, string>>) => string,
): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { metric, value } of samples) {
    counts[key(metric)] = (counts[key(metric)] ?? 0) + Number(value[1]);
  }
  return counts;
}

function countsOf(keys: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const key of keys) {
    counts[key] = (counts[key] ?? 0) + 1;
  }
  return counts;
}

const histogram = (name: string, unit: string, attributes: string) => ({
  name,
  unit,
  kind: "histogram",
  attributes: [attributes],
});
const counter = (name: string, unit: string, attributes: string) => ({
  name,
  unit,
  kind: "counter",
  attributes: [attributes],
});
const CLIENT = "grpc.method,grpc.status,grpc.target";
const SERVER = "grpc.method,grpc.status";

/** Of https://github.com/grpc/proposal/blob/master/A66-otel-stats.md, in the order of their names. */
const A66 = [
  histogram("grpc.client.attempt.duration", "s", CLIENT),
  histogram("grpc.client.attempt.rcvd_total_compressed_message_size", "By", CLIENT),
  histogram("grpc.client.attempt.sent_total_compressed_message_size", "By", CLIENT),
  counter("grpc.client.attempt.started", "{attempt}", "grpc.method,grpc.target"),
  histogram("grpc.client.call.duration", "s", CLIENT),
  histogram("grpc.server.call.duration", "s", SERVER),
  histogram("grpc.server.call.rcvd_total_compressed_message_size", "By", SERVER),
  histogram("grpc.server.call.sent_total_compressed_message_size", "By", SERVER),
  counter("grpc.server.call.started", "{call}", "grpc.method"),
];
