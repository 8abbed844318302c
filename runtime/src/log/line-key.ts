import { jsonString } from "./json-text.js";

// Nearly all lines have the same few keys.
const MAX_KEYS = 500;
const keys = new Map<string, LineKey>();

// What is longer is a payload or an error, and seldom comes twice.
const MAX_KEPT = 128;

/** A key of log lines: how it is written, and how it was written last. A line has much of what the one before it had. */
class LineKey {
  /** The key as it stands behind another field: `,"peer":`. */
  readonly name: string;
  #value: string | undefined;
  #text = "";

  constructor(key: string) {
    this.name = `,${jsonString(key)}:`;
  }

  /** The field with a text as its value: `,"peer":"10.0.3.7:51234"`. */
  withText(value: string): string {
    if (value === this.#value) {
      return this.#text;
    }
    const text = this.name + jsonString(value);
    if (value.length <= MAX_KEPT) {
      this.#value = value;
      this.#text = text;
    }
    return text;
  }
}

/** Finds what is known of a key. */
export function lineKey(key: string): LineKey {
  const known = keys.get(key);
  if (known !== undefined) {
    return known;
  }
  const made = new LineKey(key);
  if (keys.size < MAX_KEYS) {
    keys.set(key, made);
  }
  return made;
}
