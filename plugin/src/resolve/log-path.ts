import type { DescField, DescMessage } from "@bufbuild/protobuf";
import { isWrapperDesc } from "@bufbuild/protobuf/wkt";

/** Where a path leads, or why it leads nowhere. */
export type LogPathReading =
  | { readonly kind: "value"; readonly fields: readonly DescField[] }
  /** `message` has no field of that name; or, where it is undefined, the path goes on behind a plain value. */
  | { readonly kind: "unknown"; readonly segment: string; readonly message: DescMessage | undefined }
  | { readonly kind: "repeated"; readonly field: DescField }
  | { readonly kind: "message"; readonly field: DescField };

/** Follows the proto names of a path from a message: `transfer.amount`. */
export function readLogPath(root: DescMessage, path: string): LogPathReading {
  const fields: DescField[] = [];
  let message: DescMessage | undefined = root;
  for (const segment of path.split(".")) {
    const field: DescField | undefined = message?.fields.find((candidate) => candidate.name === segment);
    if (field === undefined) {
      return { kind: "unknown", segment, message };
    }
    if (field.fieldKind === "list" || field.fieldKind === "map") {
      return { kind: "repeated", field };
    }
    fields.push(field);
    message = field.fieldKind === "message" && !isUnwrapped(field) ? field.message : undefined;
  }
  const last = fields.at(-1);
  return last !== undefined && message !== undefined && !isValue(message)
    ? { kind: "message", field: last }
    : { kind: "value", fields };
}

/** Messages that are logged as one value: times in milliseconds, wrappers as what they wrap. */
function isValue(message: DescMessage): boolean {
  return (
    message.typeName === "google.protobuf.Timestamp" ||
    message.typeName === "google.protobuf.Duration" ||
    isWrapperDesc(message)
  );
}

/**
 * Whether protobuf-es shows a message field as the value within: `google.protobuf.StringValue` and the like, outside
 * of a oneof.
 */
export function isUnwrapped(field: DescField): boolean {
  return field.fieldKind === "message" && field.oneof === undefined && isWrapperDesc(field.message);
}

/** A path as it is written: `transfer.amount`. */
export function pathText(fields: readonly DescField[]): string {
  return fields.map((field) => field.name).join(".");
}
