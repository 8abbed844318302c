import { expect, it } from "vitest";
import { DURATION_BOUNDARIES } from "./conventions.js";
import { metricDeviations, spanDeviations } from "./deviations.js";
import type { ArrivedMetric, ArrivedSpan, OtlpValue } from "./otlp.js";
import { readRegistry } from "./registry.js";

// The comparison of `npm run telemetry` finds what it is there to find: each deviation, by its name.

const registry = readRegistry();

const ATTRIBUTES: Readonly<Record<string, OtlpValue>> = {
  "rpc.system.name": { stringValue: "grpc" },
  "rpc.method": { stringValue: "ledger.v1.LedgerService/Transfer" },
  "rpc.status_code": { stringValue: "UNAVAILABLE" },
  "rpc.response.status_code": { stringValue: "UNAVAILABLE" },
  "error.type": { stringValue: "UNAVAILABLE" },
  "server.address": { stringValue: "ledger" },
  "server.port": { intValue: "50051" },
};

const schemaUrl = `https://opentelemetry.io/schemas/${registry.version}`;

function span(
  attributes: Readonly<Record<string, OtlpValue | undefined>>,
  init: Partial<ArrivedSpan> = {},
): ArrivedSpan {
  return {
    ...{ scope: "", schemaUrl, name: "ledger.v1.LedgerService/Transfer", side: "client", isError: true },
    ...{ traceId: "1", spanId: "2", parentSpanId: "" },
    attributes: attributesOf(attributes),
    ...init,
  };
}

function metric(
  attributes: Readonly<Record<string, OtlpValue | undefined>>,
  init: Partial<ArrivedMetric> = {},
): ArrivedMetric {
  return {
    ...{ scope: "", schemaUrl, name: "rpc.client.call.duration", unit: "s", kind: "histogram" },
    description: "Measures the duration of an outgoing Remote Procedure Call (RPC)",
    points: [{ attributes: attributesOf(attributes), boundaries: DURATION_BOUNDARIES }],
    ...init,
  };
}

function attributesOf(changed: Readonly<Record<string, OtlpValue | undefined>>): ReadonlyMap<string, OtlpValue> {
  const merged = Object.entries({ ...ATTRIBUTES, ...changed });
  return new Map(
    merged.flatMap(([name, value]): [string, OtlpValue][] => (value === undefined ? [] : [[name, value]])),
  );
}

const text = (stringValue: string): OtlpValue => ({ stringValue });

it("nothing, of what is as the conventions have it", () => {
  expect(spanDeviations(span({}), registry)).toEqual([]);
  expect(metricDeviations(metric({}), registry)).toEqual([]);
});

it.each<[string, Readonly<Record<string, OtlpValue | undefined>>]>([
  ["rpc.system.name: missing", { "rpc.system.name": undefined }],
  ["rpc.status_code: missing", { "rpc.status_code": undefined, "rpc.response.status_code": undefined }],
  ["error.type: missing", { "error.type": undefined }],
  ["server.address: missing", { "server.address": undefined }],
  ["server.port: string, not int", { "server.port": text("50051") }],
  ["rpc.system.name: GRPC, of dubbo", { "rpc.system.name": text("GRPC") }],
  ["rpc.system.name: connectrpc", { "rpc.system.name": text("connectrpc") }],
  ["rpc.status_code: 14", { "rpc.status_code": text("14") }],
  ["error.type: Error", { "error.type": text("Error") }],
  ["rpc.method: Transfer", { "rpc.method": text("Transfer") }],
  ["rpc.service: deprecated", { "rpc.service": text("ledger.v1.LedgerService") }],
  ["rpc.system: deprecated", { "rpc.system": text("grpc") }],
  ["rpc.response.status_code: deprecated", { "rpc.response.status_code": text("OK") }],
  ["rpc.status: the registry has no such attribute", { "rpc.status": text("OK") }],
])("%s", (deviation, changed) => {
  expect(spanDeviations(span(changed), registry).join("\n")).toContain(deviation);
  expect(metricDeviations(metric(changed), registry).join("\n")).toContain(deviation);
});

it.each<[string, Partial<ArrivedSpan>]>([
  ["span kind", { side: "other" }],
  ["span name", { name: "Transfer" }],
  ["span status", { isError: false }],
  ["schema URL", { schemaUrl: "https://opentelemetry.io/schemas/1.37.0" }],
])("%s, of a span", (deviation, init) => {
  expect(spanDeviations(span({}, init), registry).join("\n")).toContain(deviation);
});

it.each<[string, Partial<ArrivedMetric>]>([
  ["metric name", { name: "rpc.client.duration" }],
  ["instrument", { kind: "counter" }],
  ["unit", { unit: "ms" }],
  ["description", { description: "Duration" }],
  ["schema URL", { schemaUrl: "" }],
  ["boundaries", { points: [{ attributes: attributesOf({}), boundaries: [1, 2] }] }],
])("%s, of a metric", (deviation, init) => {
  expect(metricDeviations(metric({}, init), registry).join("\n")).toContain(deviation);
});

it("error.type on a server's answer to what its caller did", () => {
  const answered = { "rpc.status_code": text("NOT_FOUND"), "rpc.response.status_code": text("NOT_FOUND") };
  const attributes = attributesOf({ ...answered, "error.type": text("NOT_FOUND") });
  expect(spanDeviations(span({}, { side: "server", isError: false, attributes }), registry)).toEqual([
    "error.type: on a call that hasn't failed",
  ]);
});

it("a server's address on its metric, which is for the asking", () => {
  const found = metricDeviations(
    metric(
      {},
      {
        name: "rpc.server.call.duration",
        description: "Measures the duration of an incoming Remote Procedure Call (RPC)",
      },
    ),
    registry,
  );
  expect(found).toEqual(["server.address: nobody has asked for it", "server.port: nobody has asked for it"]);
});
