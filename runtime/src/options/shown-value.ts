import { lineText } from "../contract/line-text.js";

// Enough to know one's own text again, and little of one that was put there by mistake.
const LONGEST_TEXT = 60;

/** What was given, in the words of a message that ends in "it is …". Never throws, and shows of an object only what it is. */
export function shownValue(value: unknown): string {
  if (typeof value === "string") {
    const shown = value.length > LONGEST_TEXT ? `${value.slice(0, LONGEST_TEXT)}…` : value;
    return `the text ${lineText(JSON.stringify(shown))}`;
  }
  if (typeof value === "number") {
    return Number.isNaN(value) ? "NaN (is its environment variable set?)" : String(value);
  }
  return typeof value === "boolean" || value === undefined || value === null ? String(value) : kindOf(value);
}

/** What kind of thing a value is, and nothing of what it holds. Never throws. */
export function kindOf(value: unknown): string {
  if (value === null || value === undefined) {
    return String(value);
  }
  if (typeof value !== "object") {
    return `a ${typeof value === "string" ? "text" : typeof value}`;
  }
  try {
    return Array.isArray(value) ? "an array" : objectKind(value);
  } catch {
    return "an object that can't be looked at";
  }
}

function objectKind(value: object): string {
  if (value instanceof Promise) {
    return "a promise (is an `await` missing?)";
  }
  const name: unknown = Object.getPrototypeOf(value)?.constructor?.name;
  return typeof name === "string" && /^[A-Z]\w*$/.test(name) && name !== "Object" ? `a ${name}` : "an object";
}
