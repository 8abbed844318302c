import { DURATION_BOUNDARIES, KEPT, type Levels, METRIC_LEVELS, SERVER_FAILURES, SPAN_LEVELS } from "./conventions.js";
import { type ArrivedMetric, type ArrivedSpan, type OtlpAttributes, textOf } from "./otlp.js";
import type { Registry } from "./registry.js";

// Where what has arrived isn't what the conventions have, one line for each deviation, beginning with its name.

/** What a user's own contract puts on spans: the registry has no names for it. */
const OWN_PREFIXES = ["accord.", "ledger."];

/**
 * Where a span isn't as the conventions have it.
 *
 * @param serverFailures the statuses that are failures of a server here
 */
export function spanDeviations(span: ArrivedSpan, registry: Registry, serverFailures = SERVER_FAILURES): string[] {
  const { attributes, side, name, isError, schemaUrl } = span;
  if (side === "other") {
    return [`span kind: ${name} is neither a client's nor a server's`];
  }
  const failed = isFailure(side, attributes, serverFailures);
  const method = textOf(attributes.get("rpc.method"));
  return [
    ...(name === method ? [] : [`span name: ${name}, with the method ${method}`]),
    ...(isError === failed ? [] : [`span status: ${name} is ${isError ? "an" : "no"} error`]),
    ...schemaDeviations(schemaUrl, registry),
    ...attributeDeviations(attributes, SPAN_LEVELS[side], failed, registry),
  ];
}

/** Where a duration isn't as the conventions have it: as {@link spanDeviations}. */
export function metricDeviations(
  metric: ArrivedMetric,
  registry: Registry,
  serverFailures = SERVER_FAILURES,
): string[] {
  const { name, unit, description, kind, points, schemaUrl } = metric;
  const side = /^rpc\.(client|server)\.call\.duration$/.exec(name)?.[1] as "client" | "server" | undefined;
  const known = registry.metrics.get(name);
  if (side === undefined || known === undefined) {
    return [`metric name: ${name}`];
  }
  return [
    ...(known.deprecated === undefined ? [] : [`metric name: ${name} is deprecated: ${known.deprecated}`]),
    ...(kind === "histogram" ? [] : [`${name}, instrument: ${kind}`]),
    ...(unit === "s" ? [] : [`${name}, unit: ${unit}`]),
    ...(description === known.brief.replace(/\.$/, "") ? [] : [`${name}, description: ${description}`]),
    ...schemaDeviations(schemaUrl, registry),
    ...points.flatMap(({ attributes, boundaries }) => [
      ...(String(boundaries) === String(DURATION_BOUNDARIES) ? [] : [`${name}, boundaries: ${boundaries}`]),
      ...attributeDeviations(attributes, METRIC_LEVELS[side], isFailure(side, attributes, serverFailures), registry),
    ]),
  ];
}

function schemaDeviations(schemaUrl: string, { version }: Registry): string[] {
  return schemaUrl === `https://opentelemetry.io/schemas/${version}` ? [] : [`schema URL: ${schemaUrl}`];
}

function isFailure(
  side: "client" | "server",
  attributes: OtlpAttributes,
  serverFailures: ReadonlySet<string>,
): boolean {
  const status = textOf(attributes.get("rpc.status_code")) ?? "";
  return side === "client" ? status !== "OK" : serverFailures.has(status);
}

function attributeDeviations(
  attributes: OtlpAttributes,
  levels: Levels,
  failed: boolean,
  registry: Registry,
): string[] {
  const missing = Object.entries(levels)
    .filter(([name, level]) => (level === "required" || (level === "on failure" && failed)) && !attributes.has(name))
    .map(([name]) => `${name}: missing`);
  return [
    ...missing,
    ...[...attributes.keys()].flatMap((name) => oneDeviation(name, attributes, levels, failed, registry)),
  ];
}

function oneDeviation(
  name: string,
  attributes: OtlpAttributes,
  levels: Levels,
  failed: boolean,
  registry: Registry,
): string[] {
  const value = attributes.get(name);
  const known = registry.attributes.get(name);
  if (known === undefined) {
    return OWN_PREFIXES.some((prefix) => name.startsWith(prefix))
      ? []
      : [`${name}: the registry has no such attribute`];
  }
  if (known.deprecated !== undefined) {
    const replacement = KEPT.get(name);
    const isKept = replacement !== undefined && textOf(attributes.get(replacement)) === textOf(value);
    return isKept ? [] : [`${name}: deprecated: ${known.deprecated}`];
  }
  const type = value !== undefined && "intValue" in value ? "int" : "string";
  return [
    ...(type === known.type ? [] : [`${name}: ${type}, not ${known.type}`]),
    ...(levels[name] === "opt_in" ? [`${name}: nobody has asked for it`] : []),
    ...(levels[name] === "on failure" && !failed ? [`${name}: on a call that hasn't failed`] : []),
    ...(name === "error.type" || known.values.length === 0 || known.values.includes(textOf(value) ?? "")
      ? []
      : [`${name}: ${textOf(value)}, of ${known.values.join(", ")}`]),
    ...valueDeviations(name, attributes),
  ];
}

const GRPC_STATUS =
  /^(OK|CANCELLED|UNKNOWN|INVALID_ARGUMENT|DEADLINE_EXCEEDED|NOT_FOUND|ALREADY_EXISTS|PERMISSION_DENIED|RESOURCE_EXHAUSTED|FAILED_PRECONDITION|ABORTED|OUT_OF_RANGE|UNIMPLEMENTED|INTERNAL|UNAVAILABLE|DATA_LOSS|UNAUTHENTICATED)$/;

/** What the conventions for gRPC say of an attribute's value. */
function valueDeviations(name: string, attributes: OtlpAttributes): string[] {
  const value = textOf(attributes.get(name)) ?? "";
  const fits: Readonly<Record<string, boolean>> = {
    "rpc.system.name": value === "grpc",
    "rpc.method": /^[\w.]+\/\w+$/.test(value),
    "rpc.status_code": GRPC_STATUS.test(value),
    "error.type": value === textOf(attributes.get("rpc.status_code")),
  };
  return (fits[name] ?? true) ? [] : [`${name}: ${value}`];
}
