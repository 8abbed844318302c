import { type LogFields, type LogValue, maskHash, maskLast4, maskLength } from "@accord-grpc/runtime/codegen/v1";
import type { DescField, Message } from "@bufbuild/protobuf";
import { isReflectMessage, reflect } from "@bufbuild/protobuf/reflect";
import type { LogFieldModel } from "../../model/model.js";

const MASKS: Readonly<Record<LogFieldModel["mask"], (value: LogValue) => LogValue>> = {
  none: (value) => value,
  hash: maskHash,
  last4: maskLast4,
  length: maskLength,
};

/** Reads of a request what the contract has logged of it, masked as it says. */
export function logFieldsReader(fields: readonly LogFieldModel[]): (request: Message) => LogFields {
  return (request) =>
    Object.fromEntries(fields.map(({ key, path, mask }) => [key, MASKS[mask](valueAt(request, path))]));
}

function valueAt(request: Message, path: readonly DescField[]): LogValue {
  let value: unknown = request;
  for (const field of path) {
    const message = isReflectMessage(value) ? value : isMessage(value) ? reflect(field.parent, value) : undefined;
    if (message === undefined || (field.presence !== 2 && !message.isSet(field))) {
      return undefined;
    }
    value = message.get(field);
    if (field.enum !== undefined) {
      value = field.enum.value[Number(value)]?.name ?? value;
    }
  }
  // Of a message, it is logged whether it is there.
  return isReflectMessage(value) ? true : (value as LogValue);
}

function isMessage(value: unknown): value is Message {
  return typeof value === "object" && value !== null && "$typeName" in value;
}
