import type { DescField, DescMessage } from "@bufbuild/protobuf";
import { Edition, FeatureSet_FieldPresence as Presence } from "@bufbuild/protobuf/wkt";

/** Whether a field is absent where it has its zero value. */
export function isImplicit(field: DescField): boolean {
  return field.presence === Presence.IMPLICIT;
}

/** Whether a message without the field is incomplete. */
export function isRequired(field: DescField): boolean {
  return field.presence === Presence.LEGACY_REQUIRED;
}

/**
 * Whether the messages of a type inherit the defaults of their fields, so that only own properties are present: protobuf-es
 * does it so except for proto3.
 */
export function hasPrototype(message: DescMessage): boolean {
  switch (message.file.edition) {
    case Edition.EDITION_PROTO3:
      return false;
    case Edition.EDITION_PROTO2:
      return true;
    default:
      return message.fields.some(
        (field) => !isImplicit(field) && field.fieldKind !== "message" && field.oneof === undefined,
      );
  }
}

/** Whether every object has a property of the name of a field, so that only an own one is the field's. */
export function isInherited(field: DescField): boolean {
  return field.localName in Object.prototype;
}
