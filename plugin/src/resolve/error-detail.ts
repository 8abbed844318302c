import { GOOGLE_RPC_DETAILS, type GoogleRpcDetail } from "@accord-grpc/runtime/contract";
import type { DescMessage } from "@bufbuild/protobuf";
import { camelCase } from "./casing.js";

/** A message that an error may carry, as its contract names it. */
export interface ResolvedErrorDetail {
  /** The full name: `google.rpc.BadRequest`. */
  readonly typeName: string;
  /** The property of constructor options and class: `badRequest`. */
  readonly property: string;
  /** Of `google.rpc`, which the runtime has, or a visible message. */
  readonly message: GoogleRpcDetail | DescMessage;
}

/** What errors have of the runtime's base class, of the options of its constructor, and of JavaScript. */
export const PROPERTIES_OF_ALL_ERRORS: ReadonlySet<string> = new Set([
  ...["code", "status", "category", "metadata", "details", "detail", "retryAfterMs", "remote", "received"],
  ...["message", "name", "stack", "cause"],
  ...["constructor", "hasOwnProperty", "isPrototypeOf", "propertyIsEnumerable"],
  ...["toLocaleString", "toString", "valueOf"],
]);

/** What a name in an error's `details` stands for; `undefined` if it is no visible message. */
export function resolveErrorDetail(
  typeName: string,
  messageOf: (typeName: string) => DescMessage | undefined,
): ResolvedErrorDetail | undefined {
  const message = GOOGLE_RPC_DETAILS.find((name) => typeName === `google.rpc.${name}`) ?? messageOf(typeName);
  return message && { typeName, property: camelCase(typeName.slice(typeName.lastIndexOf(".") + 1)), message };
}
