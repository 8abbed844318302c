import type { DescMessage } from "@bufbuild/protobuf";
import { AnySchema } from "@bufbuild/protobuf/wkt";
import { quoted, REDACTED } from "./scalar-text.js";
import { MAX_DEPTH, type TextContext } from "./text-context.js";
import { messageTypeNamed } from "./type-registry.js";

// What a type URL is made of, in protobuf's text format. Anything else is put in quotes, or it could pass for other fields.
const TYPE_URL = /^[A-Za-z0-9._~!$&()*+,;=%/-]+$/;

/** No type has a longer one, in characters. */
export const MAX_TYPE_URL = 512;

/**
 * Writes an `Any` in its expanded form, so that redaction reaches what is packed. What is of no type that is known, or can't
 * be decoded, shows only its size.
 *
 * @param bytes how many are packed
 * @param write writes the fields of what is packed. @throws {Error} if it can't be decoded
 */
export function writeAny(
  context: TextContext,
  typeUrl: string,
  bytes: number,
  depth: number,
  write: (desc: DescMessage) => void,
): void {
  const { out, redact, root } = context;
  const size = `# ${bytes} bytes`;
  if (typeUrl === "") {
    if (bytes > 0) {
      out.write(size);
    }
    return;
  }
  const isPlain = typeUrl.length <= MAX_TYPE_URL && TYPE_URL.test(typeUrl);
  out.write(`[${isPlain ? typeUrl : quoted(typeUrl, MAX_TYPE_URL)}] {`);
  const desc = isPlain ? messageTypeNamed(typeUrl.slice(typeUrl.lastIndexOf("/") + 1), root) : undefined;
  if (redact.has(VALUE)) {
    out.write(REDACTED);
  } else if (desc === undefined || depth >= MAX_DEPTH) {
    out.write(size);
  } else {
    const { mark } = out;
    try {
      write(desc);
    } catch {
      out.rollBack(mark);
      out.write(size);
    }
  }
  out.write("}");
}

const VALUE = `${AnySchema.typeName}.value`;
