import type { DescField } from "@bufbuild/protobuf";

/** Whether a field carries protobuf's `debug_redact`: its value must not be shown. */
export function isRedacted(field: DescField): boolean {
  return field.proto.options?.debugRedact === true;
}
