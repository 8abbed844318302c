import { type DescField, type DescMessage, fromJson, type JsonValue, type Message } from "@bufbuild/protobuf";
import { hint } from "../directive.js";
import { fieldNamed } from "../request-matcher.js";
import type { Located, Problems } from "./located.js";

/** Reads a message that a file writes as protobuf's JSON, fields by either name. `undefined` where there are mistakes. */
export function readMessage(desc: DescMessage, located: Located, problems: Problems): Message | undefined {
  return checkFields(desc, located, problems) ? fromJson(desc, located.value) : undefined;
}

/** Whether fields of a message are there, and their values of their types. */
export function checkFields(desc: DescMessage, located: Located, problems: Problems): boolean {
  const before = problems.found.length;
  checkMessage(desc, located, problems);
  return problems.found.length === before;
}

function checkMessage(desc: DescMessage, located: Located, problems: Problems): void {
  if (desc.typeName.startsWith("google.protobuf.")) {
    attempt(() => fromJson(desc, located.value), located, `${desc.typeName} can't be this`, problems);
    return;
  }
  if (located.entries === undefined) {
    problems.add(located, `${desc.typeName} must be a map of its fields`);
    return;
  }
  for (const { key, offset, value } of located.entries) {
    const field = fieldNamed(desc, key);
    if (field === undefined) {
      const names = desc.fields.map(({ name }) => name);
      problems.add(
        { offset },
        `${desc.typeName} has no field ${key}.${hint(key, names)} It has ${names.join(", ") || "none"}.`,
      );
    } else if (value.value !== null) {
      checkField(desc, field, value, problems);
    }
  }
}

function checkField(desc: DescMessage, field: DescField, located: Located, problems: Problems): void {
  if (field.fieldKind === "message") {
    checkMessage(field.message, located, problems);
  } else if (field.fieldKind === "list" && field.listKind === "message" && located.items !== undefined) {
    for (const item of located.items) {
      checkMessage(field.message, item, problems);
    }
  } else if (field.fieldKind === "map" && field.mapKind === "message" && located.entries !== undefined) {
    for (const { value } of located.entries) {
      checkMessage(field.message, value, problems);
    }
  } else {
    const json: JsonValue = { [field.jsonName]: located.value };
    attempt(() => fromJson(desc, json), located, `${desc.typeName}.${field.name} can't be this`, problems);
  }
}

function attempt(read: () => unknown, located: Located, what: string, problems: Problems): void {
  try {
    read();
  } catch (error) {
    // What protobuf-es says of the field stands behind the name that is said here.
    const reason = error instanceof Error ? error.message.replace(/^cannot (?:decode|set) .*? from JSON: ?/, "") : "";
    problems.add(located, `${what}: ${reason}`);
  }
}
