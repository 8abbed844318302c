import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { type Any, anyPack } from "@bufbuild/protobuf/wkt";
import {
  type FieldPathElement,
  type FieldPathElementSchema,
  ViolationsSchema,
} from "../gen/buf/validate/violations_pb.js";
import { BadRequestSchema } from "../gen/google/rpc/error_details_pb.js";
import type { PathStep, Violation } from "./violation.js";

// What leaves room for ErrorInfo and the message, where an answer's headers and trailers are 3.5 KiB at the most, and details travel as base64.
const MAX_DETAIL_BYTES = 1_800;

/**
 * Violations as other languages read them: `google.rpc.BadRequest`, for people and clients in general, and protovalidate's own. Of more
 * than there is room for, the first.
 */
export function violationDetails(violations: readonly Violation[]): readonly Any[] {
  const details = [
    anyPack(BadRequestSchema, badRequest(violations)),
    anyPack(ViolationsSchema, violationsProto(violations)),
  ];
  const bytes = details.reduce((sum, { value }) => sum + value.byteLength, 0);
  return bytes <= MAX_DETAIL_BYTES || violations.length < 2
    ? details
    : violationDetails(violations.slice(0, violations.length >> 1));
}

function badRequest(violations: readonly Violation[]) {
  const fieldViolations = violations.map(({ field, rule, message }) => ({
    field: fieldPathText(field),
    description: message,
    reason: rule.id.replace(/[^A-Za-z0-9]+/g, "_").toUpperCase(),
  }));
  return create(BadRequestSchema, { fieldViolations });
}

/** The message `buf.validate.Violations`. */
export function violationsProto(violations: readonly Violation[]) {
  return create(ViolationsSchema, {
    violations: violations.map(({ field, rule, message, forKey }) => ({
      ...(field.length > 0 && { field: { elements: field.map(element) } }),
      ...(rule.path.length > 0 && { rule: { elements: rule.path.map(element) } }),
      ruleId: rule.id,
      message,
      forKey,
    })),
  });
}

function element(step: PathStep): MessageInitShape<typeof FieldPathElementSchema> {
  const { name, number, type, keyType, valueType, key } = step;
  return {
    fieldName: name,
    ...(number === undefined ? {} : { fieldNumber: number }),
    ...(type === undefined ? {} : { fieldType: type }),
    ...(key === undefined || keyType === undefined ? {} : { keyType, valueType: valueType ?? 0 }),
    subscript: subscript(step),
  };
}

// By the numbers of google.protobuf.FieldDescriptorProto.Type.
const [BOOL, STRING] = [8, 9];
const UNSIGNED: readonly number[] = [4, 6, 7, 13];

function subscript({ index, key, keyType }: PathStep): FieldPathElement["subscript"] {
  if (index !== undefined) {
    return { case: "index", value: BigInt(index) };
  }
  if (key === undefined || keyType === undefined) {
    return { case: undefined };
  }
  switch (keyType) {
    case STRING:
      return { case: "stringKey", value: key };
    case BOOL:
      return { case: "boolKey", value: key === "true" };
    default:
      return { case: UNSIGNED.includes(keyType) ? "uintKey" : "intKey", value: BigInt(key) };
  }
}

/**
 * `transfer.labels["a"]`, `items[2].name`
 *
 * @param showKeys false: without the keys of maps, which may be what mustn't be logged
 */
export function fieldPathText(path: readonly PathStep[], showKeys = true): string {
  const parts = path.map(({ name, index, key, keyType }) => {
    const inKey = key === undefined || !showKeys ? "" : `[${keyType === STRING ? JSON.stringify(key) : key}]`;
    return `${name}${index === undefined ? inKey : `[${index}]`}`;
  });
  return parts.join(".");
}
