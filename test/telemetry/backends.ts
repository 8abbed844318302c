import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort, listening } from "../free-port.js";
import { type BackgroundProcess, start } from "../proof/command.js";
import { goBuild } from "../proof/go.js";
import {
  type ArrivedMetric,
  type ArrivedSpan,
  type MetricsRequest,
  metricsOf,
  spansOf,
  type TracesRequest,
} from "./otlp.js";

// A real Collector and a real Prometheus, built from their Go modules. The Collector takes OTLP from the program under test and gives it to
// Prometheus, and to the test in JSON.

const GO_MOD = readFileSync(new URL("go/go.mod", import.meta.url), "utf8");

/** The backends, running. */
export interface Backends {
  /** Where the Collector takes OTLP over HTTP. */
  readonly otlp: string;
  /** Until enough of them have arrived. */
  spans(count: number): Promise<readonly ArrivedSpan[]>;
  /** Until one of them has arrived. */
  metrics(): Promise<readonly ArrivedMetric[]>;
  /** What Prometheus answers to a query, once it has something to answer: labels and values. */
  query(expression: string): Promise<readonly PrometheusSample[]>;
  close(): Promise<void>;
}

/** One series, and its value now. */
export interface PrometheusSample {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [number, string];
}

/** The version of a module that `go.mod` names. */
function versionOf(module: string): string {
  const version = new RegExp(`^\\s*${module.replaceAll(".", "\\.")} (v\\S+)`, "m").exec(GO_MOD)?.[1];
  if (version === undefined) {
    throw new Error(`test/telemetry/go/go.mod doesn't name ${module}`);
  }
  return version;
}

/**
 * Builds both, unless this machine has them, and starts them.
 *
 * @throws {NotRun} where there is no Go, or they can't be built
 */
export async function startBackends(): Promise<Backends> {
  const folder = "../telemetry/go";
  const collector = await goBuild(folder, versionOf("go.opentelemetry.io/collector/otelcol"), "accord/collector");
  const prometheusModule = "github.com/prometheus/prometheus";
  // Without what finds servers in clouds, which is most of it.
  const flags = ["-tags", "remove_all_sd"];
  const prometheus = await goBuild(folder, versionOf(prometheusModule), `${prometheusModule}/cmd/prometheus`, flags);

  const files = mkdtempSync(join(tmpdir(), "accord-telemetry-"));
  const sink = await startSink();
  const [otlpPort, prometheusPort] = [await freePort(), await freePort()];
  const prometheusUrl = `http://127.0.0.1:${prometheusPort}`;
  writeFileSync(join(files, "prometheus.json"), JSON.stringify(PROMETHEUS_CONFIG));
  writeFileSync(join(files, "collector.json"), JSON.stringify(collectorConfig(otlpPort, sink.url, prometheusUrl)));
  const programs = [
    start(prometheus, [
      `--config.file=${join(files, "prometheus.json")}`,
      `--storage.tsdb.path=${join(files, "data")}`,
      `--web.listen-address=127.0.0.1:${prometheusPort}`,
      "--web.enable-otlp-receiver",
    ]),
    start(collector, [`--config=file:${join(files, "collector.json")}`]),
  ];
  const close = async (): Promise<void> => {
    await Promise.all(programs.map((program) => program.stop()));
    await sink.close();
    rmSync(files, { recursive: true, force: true });
  };
  try {
    await Promise.all([listening(otlpPort), listening(prometheusPort)]);
    await until(async () => ((await fetch(`${prometheusUrl}/-/ready`)).ok ? true : undefined), programs);
  } catch (error) {
    await close();
    throw new Error(`The backends don't run: ${outputs(programs)}`, { cause: error });
  }
  return {
    otlp: `http://127.0.0.1:${otlpPort}`,
    spans: (count) => until(async () => (sink.spans.length >= count ? sink.spans : undefined), programs),
    metrics: () => until(async () => (sink.metrics.length > 0 ? sink.metrics : undefined), programs),
    query: (expression) => until(() => ask(prometheusUrl, expression), programs),
    close,
  };
}

// Both read YAML, and JSON is YAML.
const PROMETHEUS_CONFIG = { otlp: { translation_strategy: "UnderscoreEscapingWithSuffixes" } };

function collectorConfig(port: number, sink: string, prometheus: string): object {
  const exporter = { encoding: "json", compression: "none" };
  return {
    receivers: { otlp: { protocols: { http: { endpoint: `127.0.0.1:${port}` } } } },
    exporters: {
      "otlp_http/test": { endpoint: sink, ...exporter },
      "otlp_http/prometheus": { endpoint: `${prometheus}/api/v1/otlp` },
    },
    service: {
      telemetry: { metrics: { level: "none" }, logs: { level: "warn" } },
      pipelines: {
        traces: { receivers: ["otlp"], exporters: ["otlp_http/test"] },
        metrics: { receivers: ["otlp"], exporters: ["otlp_http/test", "otlp_http/prometheus"] },
      },
    },
  };
}

/** Keeps what the Collector sends on. */
async function startSink() {
  const spans: ArrivedSpan[] = [];
  const metrics: ArrivedMetric[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const body: unknown = JSON.parse(Buffer.concat(chunks).toString());
      if (request.url === "/v1/traces") {
        spans.push(...spansOf(body as TracesRequest));
      } else {
        metrics.push(...metricsOf(body as MetricsRequest));
      }
      response.setHeader("content-type", "application/json").end("{}");
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    metrics,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}

async function ask(prometheus: string, expression: string): Promise<readonly PrometheusSample[] | undefined> {
  const response = await fetch(`${prometheus}/api/v1/query?${new URLSearchParams({ query: expression })}`);
  const { status, data, error } = (await response.json()) as {
    readonly status: string;
    readonly error?: string;
    readonly data?: { readonly result: readonly PrometheusSample[] };
  };
  if (status !== "success" || data === undefined) {
    throw new Error(`Prometheus doesn't answer ${expression}: ${error}`);
  }
  return data.result.length > 0 ? data.result : undefined;
}

const PATIENCE_MS = 60_000;

async function until<T>(look: () => Promise<T | undefined>, programs: readonly BackgroundProcess[]): Promise<T> {
  const end = Date.now() + PATIENCE_MS;
  for (;;) {
    const found = await look();
    if (found !== undefined) {
      return found;
    }
    if (Date.now() > end) {
      throw new Error(`Nothing has arrived after ${PATIENCE_MS / 1000} s: ${outputs(programs)}`);
    }
    await sleep(100);
  }
}

function outputs(programs: readonly BackgroundProcess[]): string {
  return programs.map((program) => program.output().slice(-1_000)).join("\n");
}
