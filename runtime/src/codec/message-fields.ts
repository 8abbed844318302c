import { create, type DescMessage } from "@bufbuild/protobuf";
import { fallBack } from "./fall-back.js";

/** The zero value of fields of type `bytes`. */
export const EMPTY_BYTES: Uint8Array = new Uint8Array(0);

/**
 * The prototype of a type's messages: it has the defaults of the fields with explicit presence. It is protobuf-es's own, so
 * that messages can't be told from those that `create` makes.
 */
export function prototypeOf(schema: DescMessage): object {
  return Object.getPrototypeOf(create(schema));
}

/** Sets an entry of a map. `__proto__` is a key as any other. */
export function setEntry<Value>(record: { [key: number]: Value }, key: string | number, value: Value): void {
  if (key === "__proto__") {
    Object.defineProperty(record, key, { value, writable: true, enumerable: true, configurable: true });
  } else {
    (record as Record<string | number, Value>)[key] = value;
  }
}

/** The number that stands in the key of a map. */
export function int32Key(key: string): number {
  const value = Number(key);
  return String(value) === key ? value : fallBack();
}

/** The integer that stands in the key of a map. */
export function int64Key(key: string): bigint {
  return BigInt(key);
}

/** The boolean that stands in the key of a map. */
export function boolKey(key: string): boolean {
  return key === "true" || (key === "false" ? false : fallBack());
}

/** The integer that a field with `jstype = JS_STRING` holds. */
export function parseInt64(text: string): bigint {
  const value = typeof text === "string" ? BigInt(text) : fallBack();
  // protobuf-es takes other ways to write zero for an empty field.
  return value === 0n && text !== "0" ? fallBack() : value;
}

/** The integers that a list with `jstype = JS_STRING` holds. */
export function parseInt64s(texts: readonly string[] | undefined): bigint[] | undefined {
  return texts == null ? undefined : texts.map(parseInt64);
}
