import { create, type DescMessage, type Message } from "@bufbuild/protobuf";
import type { ValueRules } from "./field-rules.js";
import { plausibleDuration, plausibleTimestamp } from "./plausible-time.js";
import { hexDigits, type Random } from "./random.js";

/** Makes a message of `google.protobuf` whose fields say nothing by their names; `undefined` of any other. */
export function wellKnown(desc: DescMessage, rules: ValueRules, index: number, random: Random): Message | undefined {
  switch (desc.typeName) {
    case "google.protobuf.Timestamp":
      return plausibleTimestamp(desc, rules, index, random);
    case "google.protobuf.Duration":
      return plausibleDuration(desc, rules, random);
    // What is in them, only their users know.
    case "google.protobuf.Any":
      return create(desc, { typeUrl: rules.in?.[0] ?? "" } as never);
    case "google.protobuf.FieldMask":
      return create(desc);
    case "google.protobuf.Struct":
    case "google.protobuf.Value":
    case "google.protobuf.ListValue":
      return structValue(desc, random);
    default:
      return undefined;
  }
}

function structValue(desc: DescMessage, random: Random): Message {
  return desc.typeName === "google.protobuf.Value"
    ? create(desc, { kind: { case: "stringValue", value: hexDigits(random, 6) } } as never)
    : create(desc);
}
