import type { ContextKey, ContextValues } from "./call-context.js";

/** Makes an empty set of values. */
export function createContextValues(): ContextValues {
  return new MapContextValues();
}

class MapContextValues implements ContextValues {
  readonly #values = new Map<symbol, unknown>();

  get<T>(key: ContextKey<T>): T {
    return this.#values.has(key.id) ? (this.#values.get(key.id) as T) : key.defaultValue;
  }

  set<T>(key: ContextKey<T>, value: T): this {
    this.#values.set(key.id, value);
    return this;
  }
}
