// OTLP as the Collector writes it in JSON, and what of it is compared.

/** An attribute's value as it arrives: OTLP tells integers from text. */
export type OtlpValue =
  | { readonly stringValue: string }
  | { readonly intValue: string }
  | { readonly boolValue: boolean };

/** Attributes of a span, or of a data point. */
export type OtlpAttributes = ReadonlyMap<string, OtlpValue>;

/** A span that has arrived. */
export interface ArrivedSpan {
  readonly scope: string;
  readonly schemaUrl: string;
  readonly name: string;
  readonly side: "client" | "server" | "other";
  readonly attributes: OtlpAttributes;
  readonly isError: boolean;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
}

/** A metric that has arrived. */
export interface ArrivedMetric {
  readonly scope: string;
  readonly schemaUrl: string;
  readonly name: string;
  readonly unit: string;
  readonly description: string;
  readonly kind: "histogram" | "counter" | "other";
  readonly points: readonly { readonly attributes: OtlpAttributes; readonly boundaries: readonly number[] }[];
}

interface RawAttribute {
  readonly key: string;
  readonly value: OtlpValue;
}
interface RawScope {
  readonly scope?: { readonly name?: string };
  readonly schemaUrl?: string;
}
interface RawSpan {
  readonly name: string;
  readonly kind: number;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly attributes?: readonly RawAttribute[];
  readonly status?: { readonly code?: number };
}
interface RawPoint {
  readonly attributes?: readonly RawAttribute[];
  readonly explicitBounds?: readonly number[];
}
interface RawMetric {
  readonly name: string;
  readonly unit?: string;
  readonly description?: string;
  readonly histogram?: { readonly dataPoints: readonly RawPoint[] };
  readonly sum?: { readonly dataPoints: readonly RawPoint[]; readonly isMonotonic?: boolean };
}

/** The body of a request to `/v1/traces`. */
export interface TracesRequest {
  readonly resourceSpans?: readonly {
    readonly scopeSpans?: readonly (RawScope & { readonly spans?: readonly RawSpan[] })[];
  }[];
}

/** The body of a request to `/v1/metrics`. */
export interface MetricsRequest {
  readonly resourceMetrics?: readonly {
    readonly scopeMetrics?: readonly (RawScope & { readonly metrics?: readonly RawMetric[] })[];
  }[];
}

// OTLP's numbers of span kinds, and of a status that is an error.
const SIDES: Readonly<Record<number, "client" | "server">> = { 2: "server", 3: "client" };
const STATUS_CODE_ERROR = 2;

/** The spans of a request. */
export function spansOf({ resourceSpans = [] }: TracesRequest): ArrivedSpan[] {
  return resourceSpans.flatMap(({ scopeSpans = [] }) =>
    scopeSpans.flatMap(({ scope, schemaUrl, spans = [] }) =>
      spans.map((span) => ({
        scope: scope?.name ?? "",
        schemaUrl: schemaUrl ?? "",
        name: span.name,
        side: SIDES[span.kind] ?? "other",
        attributes: attributesOf(span.attributes),
        isError: span.status?.code === STATUS_CODE_ERROR,
        traceId: span.traceId,
        spanId: span.spanId,
        parentSpanId: span.parentSpanId ?? "",
      })),
    ),
  );
}

/** The metrics of a request. */
export function metricsOf({ resourceMetrics = [] }: MetricsRequest): ArrivedMetric[] {
  return resourceMetrics.flatMap(({ scopeMetrics = [] }) =>
    scopeMetrics.flatMap(({ scope, schemaUrl, metrics = [] }) =>
      metrics.map((metric) => ({
        scope: scope?.name ?? "",
        schemaUrl: schemaUrl ?? "",
        name: metric.name,
        unit: metric.unit ?? "",
        description: metric.description ?? "",
        kind: kindOf(metric),
        points: (metric.histogram ?? metric.sum)?.dataPoints.map(pointOf) ?? [],
      })),
    ),
  );
}

function kindOf({ histogram, sum }: RawMetric): ArrivedMetric["kind"] {
  return histogram !== undefined ? "histogram" : sum?.isMonotonic === true ? "counter" : "other";
}

function pointOf({ attributes, explicitBounds = [] }: RawPoint): ArrivedMetric["points"][number] {
  return { attributes: attributesOf(attributes), boundaries: explicitBounds };
}

function attributesOf(attributes: readonly RawAttribute[] = []): OtlpAttributes {
  return new Map(attributes.map(({ key, value }) => [key, value]));
}

/** A value as text, whatever its type. */
export function textOf(value: OtlpValue | undefined): string | undefined {
  return value === undefined ? undefined : String(Object.values(value)[0]);
}
