import type { Option, Value } from "./gen/buf/plugin/option/v1/option_pb.js";
import { Code, PluginError } from "./plugin-error.js";

/** The value of an option: what YAML has, and lists of it. Whole numbers are bigints, as they may have 64 bits. */
export type OptionValue = boolean | bigint | number | string | Uint8Array | readonly OptionValue[];

/**
 * What the plugin's `options` in buf.yaml say.
 *
 * Each reader throws a `PluginError` if the option has a value of another type: it is told to whoever runs buf.
 */
export class CheckOptions {
  readonly #values: ReadonlyMap<string, OptionValue>;

  constructor(values: ReadonlyMap<string, OptionValue>) {
    this.#values = values;
  }

  /** The keys that are set. */
  get keys(): readonly string[] {
    return [...this.#values.keys()];
  }

  /** Whatever value an option has. */
  value(key: string): OptionValue | undefined {
    return this.#values.get(key);
  }

  boolean(key: string): boolean | undefined {
    return this.#read(key, "true or false", (value) => (typeof value === "boolean" ? value : undefined));
  }

  text(key: string): string | undefined {
    return this.#read(key, "text", (value) => (typeof value === "string" ? value : undefined));
  }

  number(key: string): number | undefined {
    return this.#read(key, "a number", (value) =>
      typeof value === "bigint" || typeof value === "number" ? Number(value) : undefined,
    );
  }

  texts(key: string): readonly string[] | undefined {
    return this.#read(key, "a list of texts", (value) => {
      const list: readonly OptionValue[] = Array.isArray(value) ? value : [];
      const texts = list.filter((each) => typeof each === "string");
      return Array.isArray(value) && texts.length === list.length ? texts : undefined;
    });
  }

  /** @throws {PluginError} if an option is set that isn't among these, so that a misspelt one isn't taken in silence */
  allow(known: readonly string[]): void {
    const unknown = this.keys.filter((key) => !known.includes(key));
    if (unknown.length > 0) {
      throw new PluginError(
        Code.INVALID_ARGUMENT,
        `Unknown option ${unknown.join(", ")} in buf.yaml: ${known.length === 0 ? "this plugin has none" : `there are ${known.join(", ")}`}.`,
      );
    }
  }

  #read<T>(key: string, what: string, take: (value: OptionValue) => T | undefined): T | undefined {
    const value = this.#values.get(key);
    if (value === undefined) {
      return undefined;
    }
    const taken = take(value);
    if (taken === undefined) {
      throw new PluginError(Code.INVALID_ARGUMENT, `The option ${key} in buf.yaml must be ${what}.`);
    }
    return taken;
  }
}

/** Reads options as they come. @throws {PluginError} if one has no value or is there twice */
export function readOptions(options: readonly Option[]): CheckOptions {
  const values = new Map<string, OptionValue>();
  for (const { key, value } of options) {
    const read = value && readValue(value);
    if (read === undefined || values.has(key)) {
      const why = read === undefined ? "has no value" : "is there twice";
      throw new PluginError(Code.INVALID_ARGUMENT, `The option ${key} ${why}.`);
    }
    values.set(key, read);
  }
  return new CheckOptions(values);
}

function readValue({ type }: Value): OptionValue | undefined {
  return type.case === "listValue" ? type.value.values.flatMap((each) => readValue(each) ?? []) : type.value;
}
