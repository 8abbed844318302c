import { type DescMessage, toJson } from "@bufbuild/protobuf";
import { FeatureSet_FieldPresence } from "@bufbuild/protobuf/wkt";
import type { WebMethod, WebRoute } from "./web-routes.js";

/** Messages that aren't always JSON: of a type that the server doesn't know, of a time that no calendar has. */
const PARTICULAR = new Set(
  ["Any", "Duration", "FieldMask", "ListValue", "Struct", "Timestamp", "Value"].map(
    (name) => `google.protobuf.${name}`,
  ),
);

/**
 * Finds out whether a response can be written as JSON, before connect's handler writes it: what it can't write, it says to the caller
 * alone. Messages that can always be written aren't looked at.
 *
 * @throws {Error} if it can't
 */
export function checkJsonAnswer({ method, json }: WebRoute<WebMethod>, bytes: Uint8Array): void {
  if (mayFail(method.desc.output)) {
    toJson(method.desc.output, method.codecs.response.decode(bytes), json);
  }
}

const known = new WeakMap<DescMessage, boolean>();

function mayFail(desc: DescMessage): boolean {
  let fails = known.get(desc);
  if (fails === undefined) {
    fails = reaches(desc, new Set());
    known.set(desc, fails);
  }
  return fails;
}

function reaches(desc: DescMessage, seen: Set<DescMessage>): boolean {
  if (PARTICULAR.has(desc.typeName) || desc.proto.extensionRange.length > 0) {
    return true;
  }
  if (seen.has(desc)) {
    return false;
  }
  seen.add(desc);
  return desc.fields.some(
    ({ message, presence }) =>
      presence === FeatureSet_FieldPresence.LEGACY_REQUIRED || (message !== undefined && reaches(message, seen)),
  );
}
