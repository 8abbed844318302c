import { type DescField, type DescMessage, ScalarType } from "@bufbuild/protobuf";
import { isWrapperDesc } from "@bufbuild/protobuf/wkt";

/** The kind of rules that a number, a text, bytes or a bool can have: `string`. */
export function scalarRuleKind(scalar: ScalarType): string {
  return ScalarType[scalar].toLowerCase();
}

/** The kind of rules that a message can have: those of what it wraps, or its own; undefined: none. */
export function messageRuleKind(message: DescMessage): string | undefined {
  const wrapped = isWrapperDesc(message) ? message.fields[0]?.scalar : undefined;
  return wrapped === undefined ? WELL_KNOWN[message.typeName] : scalarRuleKind(wrapped);
}

/** The kind of rules that a field's value can have, or an element's, or the value's of an entry. */
export function valueRuleKind({ message, enum: isEnum, scalar }: DescField): string | undefined {
  if (message !== undefined) {
    return messageRuleKind(message);
  }
  return isEnum !== undefined ? "enum" : scalar === undefined ? undefined : scalarRuleKind(scalar);
}

const WELL_KNOWN: Readonly<Record<string, string>> = {
  "google.protobuf.Any": "any",
  "google.protobuf.Duration": "duration",
  "google.protobuf.Timestamp": "timestamp",
  "google.protobuf.FieldMask": "field_mask",
};
