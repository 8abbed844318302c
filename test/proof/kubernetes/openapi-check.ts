import { type KubernetesSchemas, referenced, type Schema } from "./openapi-extract.js";

/**
 * Holds a manifest against the schema of its kind, as the API server does with `fieldValidation=Strict`: a field that isn't known is a
 * fault, too.
 *
 * @returns a line for each fault
 */
export function checkManifest(manifest: unknown, { kinds, schemas }: KubernetesSchemas): readonly string[] {
  const { apiVersion, kind } = manifest as { readonly apiVersion?: unknown; readonly kind?: unknown };
  const name = kinds[`${apiVersion} ${kind}`];
  const schema = name === undefined ? undefined : schemas[name];
  return schema === undefined ? [`there is no schema of ${apiVersion} ${kind}`] : faults(manifest, schema, "", schemas);
}

/** Whether `kubectl apply -f <folder>` takes a file. Those that are kustomize's own have no extension, so that it passes them by. */
export function isApplied(path: string): boolean {
  return /\.(ya?ml|json)$/.test(path);
}

type Schemas = KubernetesSchemas["schemas"];

function faults(value: unknown, schema: Schema, path: string, schemas: Schemas): readonly string[] {
  if (schema.$ref !== undefined) {
    const target = schemas[referenced(schema.$ref)];
    return target === undefined ? [`${path}: ${schema.$ref} isn't there`] : faults(value, target, path, schemas);
  }
  const parts = [
    ...(schema.allOf ?? []).flatMap((one) => faults(value, one, path, schemas)),
    ...(schema.oneOf === undefined ? [] : oneOfFaults(value, schema.oneOf, path, schemas)),
  ];
  if (schema.enum !== undefined && !schema.enum.includes(value as string)) {
    parts.push(`${path}: ${JSON.stringify(value)} is none of ${schema.enum.join(", ")}`);
  }
  switch (schema.type) {
    case "object":
      return [...parts, ...objectFaults(value, schema, path, schemas)];
    case "array":
      return Array.isArray(value)
        ? [...parts, ...value.flatMap((item, index) => faults(item, schema.items ?? {}, `${path}[${index}]`, schemas))]
        : [...parts, `${path}: it must be a list`];
    case undefined:
      return parts;
    default:
      return isScalar(value, schema) ? parts : [...parts, `${path}: ${JSON.stringify(value)} is no ${schema.type}`];
  }
}

function oneOfFaults(value: unknown, choices: readonly Schema[], path: string, schemas: Schemas): readonly string[] {
  const fits = choices.some((choice) => faults(value, choice, path, schemas).length === 0);
  return fits ? [] : [`${path}: ${JSON.stringify(value)} is none of what it may be`];
}

function objectFaults(value: unknown, schema: Schema, path: string, schemas: Schemas): readonly string[] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return [`${path}: it must be an object`];
  }
  const { properties, additionalProperties, required = [] } = schema;
  const missing = required.filter((name) => !(name in value)).map((name) => `${path}.${name}: it is missing`);
  // An object that names no properties is any: a list of labels, raw JSON.
  const isOpen = properties === undefined && additionalProperties === undefined;
  const wrong = Object.entries(value).flatMap(([name, field]) => {
    const known = properties?.[name] ?? additionalProperties;
    if (known !== undefined) {
      return faults(field, known, `${path}.${name}`, schemas);
    }
    return isOpen ? [] : [`${path}.${name}: Kubernetes has no such field`];
  });
  return [...missing, ...wrong];
}

function isScalar(value: unknown, { type, format }: Schema): boolean {
  switch (type) {
    case "string":
      return typeof value === "string" || (format === "int-or-string" && Number.isInteger(value));
    case "integer":
      return Number.isInteger(value);
    case "number":
      return typeof value === "number";
    case "boolean":
      return typeof value === "boolean";
    default:
      return false;
  }
}
