import type { DescField } from "@bufbuild/protobuf";
import { isWrapperDesc } from "@bufbuild/protobuf/wkt";
import type { LogFieldModel } from "../model/model.js";
import { choice, indented, parentheses } from "./typescript/layout-group.js";
import { propertyKey, stringLiteral } from "./typescript/text.js";
import type { Printable, TypeScriptFile } from "./typescript/typescript-file.js";

/**
 * A property of a log context. Reading it never throws, whatever the message holds:
 *
 * ```ts
 * request_id: request.requestId
 * "transfer.amount": request.transfer?.amount
 * payer: request.payer.case === "account" ? request.payer.value : undefined
 * currency: enumName(CurrencySchema, request.currency)
 * account: maskHash(request.account)
 * ```
 *
 * An enum is logged by its name in the proto, a Timestamp or Duration in milliseconds, any other message by whether it is set.
 *
 * @param root the variable that holds the message
 */
export function logProperty(file: TypeScriptFile, root: string, field: LogFieldModel): Printable {
  const { value, conditions } = read(file, root, field.path);
  const guarded = conditions.length === 0 ? value : choice(and(conditions), value, "undefined");
  const enumeration = field.path.at(-1)?.enum;
  const named =
    enumeration === undefined
      ? undefined
      : [file.runtime("enumName"), parentheses([file.schema(enumeration), guarded])];
  if (field.mask !== "none") {
    return [propertyKey(field.key), ": ", file.runtime(MASKS[field.mask]), parentheses([named ?? guarded])];
  }
  return [propertyKey(field.key), ":", named === undefined ? indented(guarded) : [" ", named]];
}

const MASKS = { hash: "maskHash", last4: "maskLast4", length: "maskLength" } as const;

/** An expression, and what must hold for it to be read. */
interface Guarded {
  readonly value: Printable;
  readonly conditions: readonly Printable[];
}

/** A part of a message on the way to a field. */
interface Reference extends Guarded {
  /** How to refer to it before anything is known of the messages around it: `request.transfer?.amount`. */
  readonly safe: Printable;
  /** `safe` may be undefined, so that its own members are read with `?.`. */
  readonly optional: boolean;
  /** It is a wrapper, `google.protobuf.StringValue`, which protobuf-es replaces by the value in it. */
  readonly unwrapped: boolean;
}

function read(file: TypeScriptFile, root: string, path: readonly DescField[]): Guarded {
  const variable = file.own(root);
  let reference: Reference = { value: variable, safe: variable, optional: false, unwrapped: false, conditions: [] };
  for (const field of path) {
    reference = reference.unwrapped ? reference : member(reference, field);
  }
  const last = path.at(-1);
  return last === undefined ? reference : leaf(file, reference, last);
}

function member(parent: Reference, field: DescField): Reference {
  const access = parent.optional ? "?." : ".";
  if (field.oneof !== undefined) {
    const oneof = field.oneof.localName;
    const value = [parent.value, ".", oneof, ".value"];
    const isCase = [parent.safe, access, oneof, ".case ===", indented(stringLiteral(field.localName))];
    return { value, safe: value, optional: false, unwrapped: false, conditions: [...parent.conditions, isCase] };
  }
  const message = field.fieldKind === "message" ? field.message : undefined;
  return {
    value: [parent.value, ".", field.localName],
    safe: [parent.safe, access, field.localName],
    optional: parent.optional || message !== undefined || field.proto.proto3Optional,
    unwrapped: message !== undefined && isWrapperDesc(message),
    conditions: parent.conditions,
  };
}

function leaf(file: TypeScriptFile, reference: Reference, field: DescField): Guarded {
  const { value, safe, optional, unwrapped, conditions } = reference;
  const isSet: Printable = [safe, " !==", indented("undefined")];
  const known = optional ? [...conditions, isSet] : conditions;
  if (field.fieldKind !== "message" || unwrapped) {
    return { value: safe, conditions };
  }
  if (isWrapperDesc(field.message)) {
    return { value: [value, ".value"], conditions };
  }
  const inMs = IN_MILLISECONDS.get(field.message.typeName);
  if (inMs !== undefined) {
    return { value: [file.library(inMs, "@bufbuild/protobuf/wkt"), "(", value, ")"], conditions: known };
  }
  return { value: isSet, conditions };
}

const IN_MILLISECONDS: ReadonlyMap<string, string> = new Map([
  ["google.protobuf.Timestamp", "timestampMs"],
  ["google.protobuf.Duration", "durationMs"],
]);

function and(conditions: readonly Printable[]): Printable {
  return conditions.map((condition, index) => (index === 0 ? condition : [" && ", condition]));
}
