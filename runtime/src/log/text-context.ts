import type { DescFile } from "@bufbuild/protobuf";
import type { PayloadField } from "./payload-field.js";
import type { TextWriter } from "./text-writer.js";

/** What a payload's text is made with. */
export interface TextContext {
  readonly out: TextWriter;
  /** Fields beside those with `debug_redact` that show as `[REDACTED]`, by their full names. */
  readonly redact: ReadonlySet<string>;
  /** Where the types of what is packed in an `Any` are looked up. */
  readonly root: DescFile;
}

/** Deeper nesting than protobuf-es decodes can only come from a handler, and may be a cycle. */
export const MAX_DEPTH = 100;

/** Whether a field shows as `[REDACTED]`. */
export function isRedacted({ redact }: TextContext, field: PayloadField): boolean {
  return field.redacted || (redact.size > 0 && redact.has(field.fullName));
}

/** Writes how many fields the type doesn't know. What they hold can't be told, so it isn't shown. */
export function writeUnknown(out: TextWriter, count: number): void {
  if (count > 0) {
    out.write(`# ${count} unknown ${count === 1 ? "field" : "fields"}`);
  }
}
