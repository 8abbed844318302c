import type { DescFile, Message } from "@bufbuild/protobuf";
import { fieldText, MAX_FIELD_BYTES } from "./field-text.js";
import { payloadText } from "./payload-text.js";
import { messageTypeNamed } from "./type-registry.js";

/** Shows a protobuf message that turned up where none was expected: as an error, in a log field. */
export type ShowMessage = (message: Message) => string;

/** Shows the type of a message, and nothing of what it holds. */
export const nameOfMessage: ShowMessage = (message) => `a message of the type ${fieldText(message.$typeName, 256)}`;

/**
 * Shows messages of the types that are known in some files as payloads are shown, so that what is hidden there is hidden
 * here too.
 */
export function messageShower(roots: readonly DescFile[], redact: ReadonlySet<string>): ShowMessage {
  return (message) => {
    try {
      for (const root of roots) {
        const desc = messageTypeNamed(message.$typeName, root);
        if (desc !== undefined) {
          return `${desc.typeName} { ${payloadText(desc, message, MAX_FIELD_BYTES, redact)} }`;
        }
      }
    } catch {
      // It says that it is a message, and isn't one.
    }
    return nameOfMessage(message);
  };
}
