import {
  create,
  type DescField,
  type DescMessage,
  fromJson,
  type JsonValue,
  type Message,
  toJson,
} from "@bufbuild/protobuf";
import { isReflectMessage, reflect } from "@bufbuild/protobuf/reflect";

/** Whether a request has what is asked for: the fields that are named, and no others are looked at. */
export type RequestMatcher = (request: Message) => boolean;

/** A field that is named, the way to it, and what it has to be. */
interface Expected {
  readonly path: readonly DescField[];
  readonly json: string;
}

/** By fields as JSON has them, under their proto names or JSON names. @throws if a value isn't one of its field's */
export function matcherOfJson(desc: DescMessage, fields: Readonly<Record<string, JsonValue>>): RequestMatcher {
  return matching(desc, expectedOfJson(desc, fields, []));
}

/** By fields as TypeScript has them: `{ transfer: { sourceAccountId: "a" } }`. @throws {TypeError} for a field that isn't there */
export function matcherOfInit(desc: DescMessage, fields: object): RequestMatcher {
  return matching(desc, expectedOfInit(desc, fields, []));
}

function matching(desc: DescMessage, expected: readonly Expected[]): RequestMatcher {
  return (request) => expected.every(({ path, json }) => jsonAt(desc, request, path) === json);
}

/** The field that a name stands for. */
export function fieldNamed(desc: DescMessage, name: string): DescField | undefined {
  return desc.fields.find((field) => field.name === name || field.jsonName === name);
}

function expectedOfJson(
  desc: DescMessage,
  fields: Readonly<Record<string, JsonValue>>,
  way: readonly DescField[],
): Expected[] {
  return Object.entries(fields).flatMap(([name, value]) => {
    const field = fieldNamed(desc, name);
    if (field === undefined) {
      throw new TypeError(`${desc.typeName} has no field ${name}`);
    }
    const path = [...way, field];
    if (field.fieldKind === "message" && isPlain(value) && !field.message.typeName.startsWith("google.protobuf.")) {
      return expectedOfJson(field.message, value as Record<string, JsonValue>, path);
    }
    return [{ path, json: jsonOf(desc, fromJson(desc, { [field.jsonName]: value }), field) }];
  });
}

function expectedOfInit(desc: DescMessage, fields: object, way: readonly DescField[]): Expected[] {
  return Object.entries(fields).flatMap(([name, value]): Expected[] => {
    const member = desc.members.find(({ localName }) => localName === name);
    if (member === undefined) {
      throw new TypeError(`${desc.typeName} has no field ${name}`);
    }
    if (value === undefined) {
      return [];
    }
    if (member.kind === "oneof") {
      const chosen = member.fields.find(({ localName }) => localName === value?.case);
      if (chosen === undefined) {
        throw new TypeError(`${desc.typeName}.${name} has no case ${value?.case}`);
      }
      return [expectedInit(desc, chosen, { [name]: value }, way)];
    }
    if (member.fieldKind === "message" && isPlain(value) && !member.message.typeName.startsWith("google.protobuf.")) {
      return expectedOfInit(member.message, value, [...way, member]);
    }
    return [expectedInit(desc, member, { [name]: value }, way)];
  });
}

function expectedInit(desc: DescMessage, field: DescField, init: object, way: readonly DescField[]): Expected {
  return { path: [...way, field], json: jsonOf(desc, create(desc, init as never), field) };
}

function isPlain(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);
}

function jsonAt(desc: DescMessage, message: Message, [first, ...rest]: readonly DescField[]): string | undefined {
  if (first === undefined) {
    return undefined;
  }
  if (rest.length === 0) {
    return jsonOf(desc, message, first);
  }
  const whole = reflect(desc, message);
  const inner = whole.isSet(first) ? whole.get(first) : undefined;
  return isReflectMessage(inner) ? jsonAt(inner.desc, inner.message, rest) : undefined;
}

/** A field's value alone, as JSON, so that values of any kind can be compared. */
function jsonOf(desc: DescMessage, message: Message, field: DescField): string {
  const [whole, alone] = [reflect(desc, message), reflect(desc, create(desc))];
  if (whole.isSet(field)) {
    alone.set(field, whole.get(field));
  }
  const json = toJson(desc, alone.message, { alwaysEmitImplicit: true });
  return JSON.stringify((json as Readonly<Record<string, unknown>> | null)?.[field.jsonName]) ?? "";
}
