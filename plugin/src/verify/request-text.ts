import { type DescMessage, type JsonValue, type Message, type Registry, toJson } from "@bufbuild/protobuf";
import { isRedacted } from "../read/redaction.js";

const LONGEST = 200;

/**
 * A request for a report: one line of JSON, cut where it is long. What `debug_redact` or the contract's log hides isn't in it, since
 * reports end up in CI's logs.
 */
export function requestText(
  desc: DescMessage,
  message: Message,
  redact: readonly string[],
  registry: Registry,
): string {
  const text = JSON.stringify(hidden(desc, toJson(desc, message, { registry }), new Set(redact)));
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}

function hidden(desc: DescMessage, json: JsonValue, redact: ReadonlySet<string>): JsonValue {
  if (typeof json !== "object" || json === null || Array.isArray(json)) {
    return json;
  }
  return Object.fromEntries(
    Object.entries(json).map(([name, value]): [string, JsonValue] => {
      const field = desc.fields.find(({ jsonName }) => jsonName === name);
      if (field !== undefined && (isRedacted(field) || redact.has(`${desc.typeName}.${field.name}`))) {
        return [name, "[REDACTED]"];
      }
      const inner = field?.message;
      if (inner === undefined) {
        return [name, value];
      }
      if (Array.isArray(value)) {
        return [name, value.map((each) => hidden(inner, each, redact))];
      }
      return [name, field?.fieldKind === "map" ? hiddenMap(inner, value, redact) : hidden(inner, value, redact)];
    }),
  );
}

function hiddenMap(inner: DescMessage, value: JsonValue, redact: ReadonlySet<string>): JsonValue {
  return typeof value !== "object" || value === null
    ? value
    : Object.fromEntries(
        Object.entries(value).map(([key, each]): [string, JsonValue] => [key, hidden(inner, each, redact)]),
      );
}
