import { readFileSync } from "node:fs";
import { join } from "node:path";

/** As much of a schema of OpenAPI 3 as Kubernetes' own have and a manifest can be held against. */
export interface Schema {
  readonly type?: string;
  readonly format?: string;
  readonly $ref?: string;
  readonly allOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema;
  readonly items?: Schema;
  readonly required?: readonly string[];
  readonly enum?: readonly string[];
}

/** `apps/v1 Deployment` → its schema, and all that it refers to, by name. */
export interface KubernetesSchemas {
  /** Of Kubernetes. */
  readonly version: string;
  readonly kinds: Readonly<Record<string, string>>;
  readonly schemas: Readonly<Record<string, Schema>>;
}

/** What Accord's manifests may be. */
const KINDS: readonly (readonly [file: string, apiVersion: string, kind: string, schema: string])[] = [
  ["api__v1", "v1", "ConfigMap", "io.k8s.api.core.v1.ConfigMap"],
  ["api__v1", "v1", "Service", "io.k8s.api.core.v1.Service"],
  ["api__v1", "v1", "ServiceAccount", "io.k8s.api.core.v1.ServiceAccount"],
  ["apis__apps__v1", "apps/v1", "Deployment", "io.k8s.api.apps.v1.Deployment"],
  [
    "apis__autoscaling__v2",
    "autoscaling/v2",
    "HorizontalPodAutoscaler",
    "io.k8s.api.autoscaling.v2.HorizontalPodAutoscaler",
  ],
  ["apis__networking.k8s.io__v1", "networking.k8s.io/v1", "NetworkPolicy", "io.k8s.api.networking.v1.NetworkPolicy"],
  ["apis__policy__v1", "policy/v1", "PodDisruptionBudget", "io.k8s.api.policy.v1.PodDisruptionBudget"],
];

const KEPT = ["type", "format", "$ref", "required", "enum"] as const;

/**
 * Takes the schemas of Accord's manifests out of a Kubernetes module's OpenAPI documents, without their descriptions.
 *
 * @param module the folder of `k8s.io/kubernetes`
 */
export function extractSchemas(module: string, version: string): KubernetesSchemas {
  const schemas: Record<string, Schema> = {};
  for (const [file, , , name] of KINDS) {
    const path = join(module, "api/openapi-spec/v3", `${file}_openapi.json`);
    const document = JSON.parse(readFileSync(path, "utf8")) as { components: { schemas: Record<string, Schema> } };
    take(name, document.components.schemas, schemas);
  }
  const kinds = Object.fromEntries(KINDS.map(([, apiVersion, kind, name]) => [`${apiVersion} ${kind}`, name]));
  return { version, kinds, schemas: Object.fromEntries(Object.entries(schemas).sort()) };
}

function take(name: string, from: Readonly<Record<string, Schema>>, to: Record<string, Schema>): void {
  const schema = from[name];
  if (name in to || schema === undefined) {
    return;
  }
  to[name] = {};
  to[name] = reduced(schema, (reference) => take(reference, from, to));
}

function reduced(schema: Schema, take: (name: string) => void): Schema {
  const kept: Record<string, unknown> = {};
  for (const key of KEPT) {
    if (schema[key] !== undefined) {
      kept[key] = schema[key];
    }
  }
  if (schema.$ref !== undefined) {
    take(referenced(schema.$ref));
  }
  for (const key of ["allOf", "oneOf"] as const) {
    if (schema[key] !== undefined) {
      kept[key] = schema[key].map((one) => reduced(one, take));
    }
  }
  for (const key of ["items", "additionalProperties"] as const) {
    if (schema[key] !== undefined) {
      kept[key] = reduced(schema[key], take);
    }
  }
  if (schema.properties !== undefined) {
    kept.properties = Object.fromEntries(
      Object.entries(schema.properties).map(([property, value]) => [property, reduced(value, take)]),
    );
  }
  return kept;
}

/** `#/components/schemas/io.k8s.…` → `io.k8s.…` */
export function referenced(reference: string): string {
  return reference.slice(reference.lastIndexOf("/") + 1);
}

/** The schemas as a file, each on a line of its own. */
export function printSchemas({ version, kinds, schemas }: KubernetesSchemas): string {
  const lines = Object.entries(schemas).map(([name, schema]) => `${JSON.stringify(name)}:${JSON.stringify(schema)}`);
  return `{"version":${JSON.stringify(version)},"kinds":${JSON.stringify(kinds)},"schemas":{\n${lines.join(",\n")}\n}}\n`;
}
