import { type DescMessage, type Message, ScalarType } from "@bufbuild/protobuf";
import { type Any, AnySchema } from "@bufbuild/protobuf/wkt";
import { writeAny } from "./any-text.js";
import { writeJsonFields } from "./json-struct-text.js";
import { type PayloadField, payloadType } from "./payload-field.js";
import { enumText, REDACTED, scalarText } from "./scalar-text.js";
import { isRedacted, MAX_DEPTH, type TextContext, writeUnknown } from "./text-context.js";
import { writeWireMessage } from "./wire-text.js";

/** Writes the fields of a message as protobuf-es has it in memory. */
export function writeMessage(context: TextContext, desc: DescMessage, message: Message, depth: number): void {
  const { out } = context;
  if (desc.typeName === AnySchema.typeName) {
    const { typeUrl, value } = message as Any;
    writeAny(context, typeUrl, value.byteLength, depth, (packed) => {
      writeWireMessage(context, packed, value, depth + 1);
    });
    return;
  }
  for (const field of payloadType(desc).fields) {
    if (out.full) {
      return;
    }
    const value = field.valueIn(message);
    if (value !== undefined) {
      writeField(context, field, value, depth);
    }
  }
  writeUnknown(out, message.$unknown?.length ?? 0);
}

function writeField(context: TextContext, field: PayloadField, value: unknown, depth: number): void {
  const { out } = context;
  if (isRedacted(context, field)) {
    if (field.kind !== "map" || hasEntries(value as object)) {
      out.write(`${field.name}: ${REDACTED}`);
    }
    return;
  }
  switch (field.kind) {
    case "list":
      for (const item of value as readonly unknown[]) {
        if (out.full) {
          return;
        }
        writeValue(context, field.name, field, item, depth);
      }
      return;
    case "map":
      writeMap(context, field, value as Readonly<Record<string, unknown>>, depth);
      return;
    default:
      writeValue(context, field.name, field, value, depth);
  }
}

function writeMap(
  context: TextContext,
  field: PayloadField,
  entries: Readonly<Record<string, unknown>>,
  depth: number,
): void {
  const { out } = context;
  // Not `Object.entries`, which would copy them all. V8 still lists the keys first: see `messageExcerpt`.
  for (const key in entries) {
    if (out.full) {
      return;
    }
    out.write(`${field.name} {`);
    // Whatever their type, keys are property names.
    out.write(`key: ${scalarText(field.mapKey === ScalarType.STRING ? ScalarType.STRING : undefined, key, out.limit)}`);
    writeValue(context, "value", field, entries[key], depth);
    out.write("}");
  }
}

function writeValue(context: TextContext, name: string, field: PayloadField, value: unknown, depth: number): void {
  const { out } = context;
  const { message, enum: enumeration, scalar } = field;
  if (message !== undefined) {
    out.write(`${name} {`);
    if (depth < MAX_DEPTH) {
      if (field.isJson) {
        writeJsonFields(out, value as object, depth + 1);
      } else {
        writeMessage(context, message, field.messageOf(value), depth + 1);
      }
    }
    out.write("}");
  } else if (enumeration !== undefined) {
    out.write(`${name}: ${enumText(enumeration, value)}`);
  } else {
    out.write(`${name}: ${scalarText(scalar, value, out.limit)}`);
  }
}

function hasEntries(map: object): boolean {
  for (const _key in map) {
    return true;
  }
  return false;
}
