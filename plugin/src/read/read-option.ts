import { type DescExtension, type DescMessage, getExtension, type Message } from "@bufbuild/protobuf";
import type { GenExtension } from "@bufbuild/protobuf/codegenv2";
import { type ReflectMessage, reflect } from "@bufbuild/protobuf/reflect";
import { messageOf } from "../thrown-message.js";
import { OPTION_NUMBER } from "./option-number.js";
import type { Place } from "./place.js";

/** What an element says in Accord's language, or why that can't be told. */
export type OptionReading<M> =
  | { readonly kind: "absent" }
  | { readonly kind: "value"; readonly value: M }
  | { readonly kind: "unreadable"; readonly why: string };

/** An option that isn't one of this version's. */
export interface UnreadableOption {
  readonly place: Place;
  /** Why, as a clause: `it isn't a message`. */
  readonly why: string;
}

const LENGTH_DELIMITED = 2;

/**
 * Reads one of Accord's options. Never throws: an option that another `options.proto` has written is unreadable.
 */
export function readOption<Extendee extends Message, M extends Message | Message[]>(
  options: Extendee | undefined,
  extension: GenExtension<Extendee, M>,
): OptionReading<M> {
  const records = options?.$unknown?.filter((record) => record.no === OPTION_NUMBER) ?? [];
  if (options === undefined || records.length === 0) {
    return { kind: "absent" };
  }
  if (records.some((record) => record.wireType !== LENGTH_DELIMITED)) {
    return { kind: "unreadable", why: `it isn't a message, so it isn't ${extension.typeName} of this version` };
  }
  try {
    // TypeScript can't compute the value's type of a generic extension.
    const value = getExtension<DescExtension>(options, extension) as M;
    const values: readonly Message[] = Array.isArray(value) ? value : [value as Message];
    const why = values.map((each) => foreignContent(each, extension)).find((reason) => reason !== undefined);
    return why === undefined ? { kind: "value", value } : { kind: "unreadable", why };
  } catch (error) {
    const detail = messageOf(error);
    return { kind: "unreadable", why: `its bytes are no ${extension.message?.typeName} (${detail})` };
  }
}

function foreignContent(value: Message, extension: DescExtension): string | undefined {
  return extension.message === undefined ? undefined : foreignIn(reflect(extension.message, value));
}

/** Fields and enum values that this version doesn't know, as a sentence about the first one. */
function foreignIn(message: ReflectMessage): string | undefined {
  const unknown = message.getUnknown()?.[0];
  if (unknown !== undefined) {
    return `${message.desc.typeName} has a field ${unknown.no} that this version doesn't know`;
  }
  for (const field of message.fields) {
    if (message.isSet(field)) {
      const why = foreignInField(message, field);
      if (why !== undefined) {
        return why;
      }
    }
  }
  return undefined;
}

function foreignInField(message: ReflectMessage, field: DescMessage["fields"][number]): string | undefined {
  switch (field.fieldKind) {
    case "message":
      return foreignIn(message.get(field));
    case "enum":
      return foreignValue(field, message.get(field));
    case "list": {
      for (const item of message.get(field)) {
        const why = field.listKind === "message" ? foreignIn(item as ReflectMessage) : foreignValue(field, item);
        if (why !== undefined) {
          return why;
        }
      }
      return undefined;
    }
    case "map": {
      for (const item of message.get(field).values()) {
        const why = field.mapKind === "message" ? foreignIn(item as ReflectMessage) : foreignValue(field, item);
        if (why !== undefined) {
          return why;
        }
      }
      return undefined;
    }
    default:
      return undefined;
  }
}

function foreignValue(field: DescMessage["fields"][number], value: unknown): string | undefined {
  return field.enum !== undefined && typeof value === "number" && field.enum.value[value] === undefined
    ? `${value} is no value of ${field.enum.typeName}`
    : undefined;
}
