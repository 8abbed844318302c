import type { Message } from "@bufbuild/protobuf";
import { reflect } from "@bufbuild/protobuf/reflect";
import type { ContractError, ErrorMetadata } from "../../errors/contract-error.js";
import type { ErrorMapEntry } from "../../errors/error-map.js";
import type { MockedMethodContract } from "./contract.js";
import { plausibleText } from "./plausible-text.js";
import type { Random } from "./random.js";

/**
 * Makes an error that a method declares, as its servicer would. Metadata that isn't given is the request's field of that name, else made
 * up.
 */
export function declaredError(
  { desc, redact = [] }: MockedMethodContract,
  entry: ErrorMapEntry,
  given: { readonly metadata: ErrorMetadata; readonly message?: string | undefined },
  request: Message,
  random: Random,
): ContractError {
  const known = new Map<string, string>();
  collectTexts(reflect(desc.input, request), known, redact, 0);
  const metadata = entry.metadata.map((key) => {
    const text = given.metadata[key] ?? known.get(key) ?? known.get(`${key}_id`);
    return [key, text ?? plausibleText(key, key, {}, random)];
  });
  return new entry.exception(Object.fromEntries(metadata) as never, { message: given.message });
}

function collectTexts(
  message: ReturnType<typeof reflect>,
  into: Map<string, string>,
  redact: readonly string[],
  depth: number,
): void {
  for (const field of message.fields) {
    const isHidden =
      field.proto.options?.debugRedact === true || redact.includes(`${field.parent.typeName}.${field.name}`);
    if (!message.isSet(field) || isHidden) {
      continue;
    }
    if (field.fieldKind === "scalar") {
      into.set(field.name, into.get(field.name) ?? String(message.get(field)));
    } else if (field.fieldKind === "message" && depth < 3) {
      collectTexts(message.get(field), into, redact, depth + 1);
    }
  }
}
