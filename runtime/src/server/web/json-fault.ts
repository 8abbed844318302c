import { type DescField, type DescMessage, fromJson, type JsonReadOptions, type JsonValue } from "@bufbuild/protobuf";

// Finding the place means reading parts of it again, at each depth: nobody is to make the server do that with much.
const MAX_EXPLAINED_CHARACTERS = 16 * 1024;

/**
 * Finds where JSON is no message of a type: `transfer.entries[2].amount`. It says nothing of the value, which may be a secret.
 *
 * @returns `undefined` if the place can't be told: the text is no JSON, the fault isn't in a field, or there is too much of it
 */
export function jsonFaultPath(desc: DescMessage, text: string, options: Partial<JsonReadOptions>): string | undefined {
  if (text.length > MAX_EXPLAINED_CHARACTERS) {
    return undefined;
  }
  try {
    const path = messageFault(desc, JSON.parse(text), options);
    return path === undefined || path === "" ? undefined : path;
  } catch {
    // No JSON, or nested more deeply than can be walked.
    return undefined;
  }
}

/** The path within a message; `""`: the message itself; `undefined`: nothing is wrong. */
function messageFault(desc: DescMessage, json: JsonValue, options: Partial<JsonReadOptions>): string | undefined {
  if (isRead(desc, json, options)) {
    return undefined;
  }
  if (!isObject(json) || desc.typeName.startsWith("google.protobuf.")) {
    return "";
  }
  for (const [name, value] of Object.entries(json)) {
    if (!isRead(desc, { [name]: value }, options)) {
      const field = desc.fields.find(({ jsonName, name: protoName }) => name === jsonName || name === protoName);
      // A name of the caller's own isn't repeated: it is as long as the caller likes.
      return field === undefined ? "" : `${field.name}${fieldFault(desc, field, name, value, options)}`;
    }
  }
  return "";
}

function fieldFault(
  desc: DescMessage,
  field: DescField,
  name: string,
  value: JsonValue,
  options: Partial<JsonReadOptions>,
): string {
  if (field.fieldKind === "message") {
    return dotted(messageFault(field.message, value, options));
  }
  if (field.fieldKind === "list" && Array.isArray(value)) {
    const index = value.findIndex((element) => !isRead(desc, { [name]: [element] }, options));
    const element = value[index];
    const within = field.listKind === "message" && element !== undefined ? field.message : undefined;
    return index < 0
      ? ""
      : `[${index}]${within && element !== undefined ? dotted(messageFault(within, element, options)) : ""}`;
  }
  if (field.fieldKind === "map" && field.mapKind === "message" && isObject(value)) {
    const entry = Object.entries(value).find(([key, of]) => !isRead(desc, { [name]: { [key]: of } }, options));
    return entry === undefined ? "" : `[…]${dotted(messageFault(field.message, entry[1], options))}`;
  }
  return "";
}

function dotted(path: string | undefined): string {
  return path === undefined || path === "" ? "" : `.${path}`;
}

function isRead(desc: DescMessage, json: JsonValue, options: Partial<JsonReadOptions>): boolean {
  try {
    fromJson(desc, json, options);
    return true;
  } catch {
    return false;
  }
}

function isObject(json: JsonValue): json is { [key: string]: JsonValue } {
  return typeof json === "object" && json !== null && !Array.isArray(json);
}
