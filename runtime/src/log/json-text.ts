import type { Message } from "@bufbuild/protobuf";
import { lineText } from "../contract/line-text.js";
import { type LoggedError, loggedError } from "./logged-error.js";
import { nameOfMessage } from "./shown-message.js";

// How much of what a program logs is written: deeper, longer and wider things are cut.
const MAX_DEPTH = 6;
const MAX_ENTRIES = 100;
const MAX_TEXT = 64 * 1024;

/** A text as JSON has it, with all that is unfit for a line as escapes: a reader of the JSON gets the text as it was. */
export function jsonString(text: string): string {
  if (!/[^ !#-[\]-~]/.test(text)) {
    return text.length <= MAX_TEXT ? `"${text}"` : `"${text.slice(0, MAX_TEXT)}…"`;
  }
  return lineText(JSON.stringify(text.length <= MAX_TEXT ? text : `${text.slice(0, MAX_TEXT)}…`));
}

/** A value as JSON has it; `undefined` if JSON has no such value. Never throws, whatever the value is. */
export function jsonValue(value: unknown, depth = 0): string | undefined {
  switch (typeof value) {
    case "string":
      return jsonString(value);
    case "number":
      return Number.isFinite(value) ? String(value) : "null";
    case "boolean":
    case "bigint":
      return String(value);
    case "object":
      return value === null ? "null" : objectText(value, depth);
    default:
      return undefined;
  }
}

/** An error as pino's lines have it: its causes below its message and its stack. */
export function jsonError(error: LoggedError): string {
  const parts = [
    `"type":${jsonString(error.name)}`,
    `"message":${jsonString(withCauses(error, ({ message }) => message, ": "))}`,
    `"stack":${jsonString(withCauses(error, ({ stack }) => stack, "\ncaused by: "))}`,
  ];
  if (error.errors !== undefined) {
    parts.push(`"aggregateErrors":[${error.errors.map(jsonError).join()}]`);
  }
  if (error.code !== undefined) {
    parts.push(`"code":${jsonValue(error.code)}`);
  }
  return `{${parts.join()}}`;
}

function withCauses(error: LoggedError, textOf: (error: LoggedError) => string, between: string): string {
  let text = textOf(error);
  for (let { cause } = error; cause !== undefined; { cause } = cause) {
    text += between + textOf(cause);
  }
  return text;
}

function objectText(value: object, depth: number): string {
  try {
    if (value instanceof Error) {
      return jsonError(loggedError(value));
    }
    const fields = value as Readonly<Record<string, unknown>>;
    if (typeof fields.$typeName === "string") {
      return jsonString(nameOfMessage(value as Message));
    }
    if (ArrayBuffer.isView(value)) {
      return jsonString(`${value.byteLength} bytes`);
    }
    if (depth >= MAX_DEPTH) {
      return Array.isArray(value) ? '"[…]"' : '"{…}"';
    }
    if (typeof fields.toJSON === "function") {
      return jsonValue(fields.toJSON(), depth + 1) ?? "null";
    }
    return Array.isArray(value) ? arrayText(value, depth) : recordText(fields, depth);
  } catch {
    return '"(can\'t be shown)"';
  }
}

function arrayText(items: readonly unknown[], depth: number): string {
  const parts = items.slice(0, MAX_ENTRIES).map((item) => jsonValue(item, depth + 1) ?? "null");
  if (items.length > MAX_ENTRIES) {
    parts.push(`"… ${items.length - MAX_ENTRIES} more"`);
  }
  return `[${parts.join()}]`;
}

function recordText(fields: Readonly<Record<string, unknown>>, depth: number): string {
  const parts: string[] = [];
  for (const key in fields) {
    if (parts.length >= MAX_ENTRIES) {
      parts.push('"…":"more"');
      break;
    }
    const text = Object.hasOwn(fields, key) ? jsonValue(fields[key], depth + 1) : undefined;
    if (text !== undefined) {
      parts.push(`${jsonString(key)}:${text}`);
    }
  }
  return `{${parts.join()}}`;
}
