import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

// The registry of OpenTelemetry's semantic conventions, as the package that is generated from it tells it: each constant has the registry's
// name as its type, and the registry's text as its comment.

/** An attribute or a metric of the registry. */
export interface RegistryEntry {
  readonly name: string;
  /** The registry's first sentence. */
  readonly brief: string;
  /** Of an attribute; as its examples show it. */
  readonly type: "string" | "int";
  /** What the registry says to take instead. */
  readonly deprecated: string | undefined;
  /** The values of an enumeration; empty for all others. */
  readonly values: readonly string[];
}

/** What the registry has, by name. */
export interface Registry {
  /** Of the conventions: `1.45.0`. */
  readonly version: string;
  readonly attributes: ReadonlyMap<string, RegistryEntry>;
  readonly metrics: ReadonlyMap<string, RegistryEntry>;
}

const CONSTANT = /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*declare const (\w+): ("[^"]*");/g;

/**
 * Reads the registry from `@opentelemetry/semantic-conventions`, the version that is installed.
 *
 * @throws {Error} if the package tells it in another way than it did
 */
export function readRegistry(): Registry {
  const main = createRequire(import.meta.url).resolve("@opentelemetry/semantic-conventions");
  const folder = dirname(main);
  const { version } = JSON.parse(readFileSync(join(folder, "../package.json"), "utf8")) as { readonly version: string };
  const text = ["stable_attributes", "experimental_attributes", "stable_metrics", "experimental_metrics"]
    .map((name) => readFileSync(join(folder, `${name}.d.cts`), "utf8"))
    .join("\n");
  const constants = [...text.matchAll(CONSTANT)].map(([, comment = "", constant = "", name = '""']) => ({
    constant,
    name: JSON.parse(name) as string,
    comment: comment.replace(/^\s*\* ?/gm, "").trim(),
  }));
  const entries = (prefix: string) =>
    new Map(
      constants
        .filter(({ constant }) => constant.startsWith(prefix))
        .map(({ constant, name, comment }) => {
          const value = `${constant.slice(prefix.length)}_VALUE_`;
          const values = constants.filter((other) => other.constant.startsWith(value)).map((other) => other.name);
          return [name, entry(name, comment, values)];
        }),
    );
  const registry = { version, attributes: entries("ATTR_"), metrics: entries("METRIC_") };
  if (!registry.attributes.has("server.address") || registry.metrics.size === 0) {
    throw new Error(`@opentelemetry/semantic-conventions ${version} isn't written as this reads it`);
  }
  return registry;
}

function entry(name: string, comment: string, values: readonly string[]): RegistryEntry {
  const examples = [...comment.matchAll(/^@example (.*)$/gm)].map(([, example = ""]) => example);
  return {
    name,
    brief: /^.*$/m.exec(comment)?.[0] ?? "",
    type: examples.length > 0 && examples.every((example) => /^\d+$/.test(example)) ? "int" : "string",
    deprecated: /^@deprecated (.*)$/m.exec(comment)?.[1],
    values,
  };
}
