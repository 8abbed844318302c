import type { DescMessage, Message } from "@bufbuild/protobuf";
import { messageExcerpt } from "../codec/message-excerpt.js";
import { writeMessage } from "./message-text.js";
import { TextWriter } from "./text-writer.js";
import { writeWireMessage } from "./wire-text.js";

/** How many characters of a payload are logged unless a server says otherwise. */
export const DEFAULT_PAYLOAD_LIMIT = 2048;

/**
 * Renders a message in one line of protobuf's text format: `request_id: "r-1" transfer { amount: 5 }`.
 *
 * Fields with `debug_redact` show as `[REDACTED]`, wherever they are, and so do those that are named in `redact`. What is
 * longer than `limit` characters is cut, and not even looked at, so that a large message costs no more than a small one.
 * Unknown fields, and what is packed in an `Any` whose type isn't known, are counted; extensions are unknown fields.
 *
 * @param redact full names of fields: `ledger.v1.Transfer.iban`
 */
export function payloadText(
  desc: DescMessage,
  message: Message,
  limit: number = DEFAULT_PAYLOAD_LIMIT,
  redact: ReadonlySet<string> = NOTHING,
): string {
  const context = { out: new TextWriter(limit), redact, root: desc.file };
  const excerpt = messageExcerpt(message);
  if (excerpt === undefined || limit > excerpt.bytes.byteLength) {
    writeMessage(context, desc, message, 0);
  } else {
    try {
      writeWireMessage(context, desc, excerpt.bytes, 0, excerpt.size);
    } catch {
      // The excerpt ends within a number.
      context.out.cut();
    }
  }
  return context.out.finish();
}

const NOTHING: ReadonlySet<string> = new Set();
