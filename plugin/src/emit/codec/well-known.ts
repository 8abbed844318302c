import type { DescField, DescMessage } from "@bufbuild/protobuf";
import { isWrapperDesc } from "@bufbuild/protobuf/wkt";

const FILES = ["any", "duration", "empty", "field_mask", "struct", "timestamp", "wrappers"];
const NAMES = new Set(FILES.map((name) => `google/protobuf/${name}`));

/** Whether the runtime has the codec of a message: it does for the well-known types that services use. */
export function hasRuntimeCodec(message: DescMessage): boolean {
  return NAMES.has(message.file.name) && message.file.proto.package === "google.protobuf";
}

/** A field that has messages, as such or otherwise. */
export type MessageField = DescField & { readonly message: DescMessage };

/** Whether protobuf-es has the field's messages as JSON objects. */
export function isJsonStruct(field: MessageField): boolean {
  return field.message.typeName === "google.protobuf.Struct" && field.parent.typeName !== "google.protobuf.Value";
}

/** Whether protobuf-es has the value of the field's message in its place. */
export function isUnwrapped(field: MessageField): boolean {
  return field.fieldKind === "message" && field.oneof === undefined && isWrapperDesc(field.message);
}
