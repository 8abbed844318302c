import { type DescField, ScalarType } from "@bufbuild/protobuf";
import type { ResolvedMethod } from "./resolved-contract.js";

/** The fields by which a stream is resumed: of the response, and of the request. */
export interface ResumeFields {
  readonly from: DescField;
  readonly with: DescField;
}

/** How a field's values compare: by the integers that they are. `undefined`: they can't say how far a stream is. */
export function cursorKind(field: DescField): "int32" | "uint32" | "int64" | "uint64" | undefined {
  return field.fieldKind === "scalar" && field.oneof === undefined ? KINDS.get(field.scalar) : undefined;
}

const KINDS: ReadonlyMap<ScalarType, "int32" | "uint32" | "int64" | "uint64"> = new Map([
  [ScalarType.INT32, "int32"],
  [ScalarType.SINT32, "int32"],
  [ScalarType.SFIXED32, "int32"],
  [ScalarType.UINT32, "uint32"],
  [ScalarType.FIXED32, "uint32"],
  [ScalarType.INT64, "int64"],
  [ScalarType.SINT64, "int64"],
  [ScalarType.SFIXED64, "int64"],
  [ScalarType.UINT64, "uint64"],
  [ScalarType.FIXED64, "uint64"],
]);

/** The fields of a method's `resume`; `undefined` if there is none that could work. */
export function resumeFields({ raw: { desc, options } }: ResolvedMethod): ResumeFields | undefined {
  const { resume } = options;
  const from = desc.output.fields.find(({ name }) => name === resume?.from);
  const to = desc.input.fields.find(({ name }) => name === resume?.with);
  return from === undefined || to === undefined ? undefined : { from, with: to };
}

/** Whether a method's calls are sent again: by retries, by hedging, or to resume a stream. */
export function isResent({ call, raw }: ResolvedMethod): boolean {
  const kind = call.resend?.value.kind;
  return kind === "retry" || kind === "hedge" || raw.options.resume !== undefined;
}
