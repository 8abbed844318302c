import {
  createRegistry,
  type DescEnum,
  type DescFile,
  type DescMessage,
  type Message,
  type Registry,
  ScalarType,
} from "@bufbuild/protobuf";
import { type Any, AnySchema, anyUnpack } from "@bufbuild/protobuf/wkt";
import { type PayloadField, payloadFields } from "./payload-field.js";

/** How many characters of a payload are logged unless a server says otherwise. */
export const DEFAULT_PAYLOAD_LIMIT = 2048;

// Deeper nesting than protobuf-es decodes can only come from a handler, and may be a cycle.
const MAX_DEPTH = 100;

/**
 * Renders a message in one line of protobuf's text format: `request_id: "r-1" transfer { amount: 5 }`.
 *
 * Fields with `debug_redact` show as `[REDACTED]`, wherever they are. What is longer than `limit` characters is cut, and
 * not even looked at, so that a large message costs no more than a small one. Unknown fields and extensions are left out.
 */
export function payloadText(desc: DescMessage, message: Message, limit: number = DEFAULT_PAYLOAD_LIMIT): string {
  const writer = new TextWriter(limit, desc.file);
  writer.fields(desc, message, 0);
  return writer.finish();
}

class TextWriter {
  readonly #limit: number;
  readonly #root: DescFile;
  #text = "";

  constructor(limit: number, root: DescFile) {
    this.#limit = limit;
    this.#root = root;
  }

  finish(): string {
    if (this.#text.length <= this.#limit) {
      return this.#text;
    }
    const cut = this.#text.slice(0, this.#limit);
    // A surrogate pair isn't cut in two.
    return `${/[\uD800-\uDBFF]$/.test(cut) ? cut.slice(0, -1) : cut}…`;
  }

  get #full(): boolean {
    return this.#text.length > this.#limit;
  }

  fields(desc: DescMessage, message: Message, depth: number): void {
    if (desc.typeName === AnySchema.typeName && this.#any(message as Any, depth)) {
      return;
    }
    for (const field of payloadFields(desc)) {
      if (this.#full) {
        return;
      }
      const value = field.valueIn(message);
      if (value !== undefined) {
        this.#field(field, value, depth);
      }
    }
  }

  #field(field: PayloadField, value: unknown, depth: number): void {
    if (field.redacted) {
      this.#write(`${field.name}: [REDACTED]`);
      return;
    }
    switch (field.kind) {
      case "list":
        for (const item of value as readonly unknown[]) {
          if (this.#full) {
            return;
          }
          this.#value(field.name, field, item, depth);
        }
        return;
      case "map":
        for (const [key, item] of Object.entries(value as Readonly<Record<string, unknown>>)) {
          if (this.#full) {
            return;
          }
          this.#write(`${field.name} {`);
          // Whatever their type, keys are property names.
          this.#scalar("key", field.mapKey === ScalarType.STRING ? ScalarType.STRING : undefined, key);
          this.#value("value", field, item, depth);
          this.#write("}");
        }
        return;
      default:
        this.#value(field.name, field, value, depth);
    }
  }

  #value(name: string, field: PayloadField, value: unknown, depth: number): void {
    const { message, enum: enumeration, scalar } = field;
    if (message !== undefined) {
      this.#write(`${name} {`);
      if (depth < MAX_DEPTH) {
        this.fields(message, field.messageOf(value), depth + 1);
      }
      this.#write("}");
    } else if (enumeration !== undefined) {
      this.#write(`${name}: ${enumName(enumeration, value)}`);
    } else {
      this.#scalar(name, scalar, value);
    }
  }

  #scalar(name: string, type: ScalarType | undefined, value: unknown): void {
    if (typeof value === "string" && type === ScalarType.STRING) {
      this.#write(`${name}: ${quoted(value, this.#limit)}`);
    } else if (value instanceof Uint8Array) {
      this.#write(`${name}: ${quotedBytes(value, this.#limit)}`);
    } else if (typeof value === "number" && (type === ScalarType.DOUBLE || type === ScalarType.FLOAT)) {
      this.#write(`${name}: ${floatText(value)}`);
    } else {
      this.#write(`${name}: ${String(value)}`);
    }
  }

  /** The expanded form, so that redaction reaches what is packed. A type that isn't known shows only its size. */
  #any(any: Any, depth: number): boolean {
    if (any.typeUrl === "") {
      return false;
    }
    const typeName = any.typeUrl.slice(any.typeUrl.lastIndexOf("/") + 1);
    const desc = registryOf(this.#root).getMessage(typeName);
    const packed = desc && attempt(() => anyUnpack(any, desc));
    this.#write(`[${any.typeUrl}] {`);
    if (desc !== undefined && packed !== undefined && depth < MAX_DEPTH) {
      this.fields(desc, packed, depth + 1);
    } else {
      this.#write(`# ${any.value.byteLength} bytes`);
    }
    this.#write("}");
    return true;
  }

  #write(text: string): void {
    this.#text += this.#text === "" ? text : ` ${text}`;
  }
}

function enumName(desc: DescEnum, value: unknown): string {
  const named = desc.value[value as number];
  return named?.proto.options?.debugRedact ? "[REDACTED]" : (named?.name ?? String(value));
}

const ESCAPES: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t", '"': '\\"', "\\": "\\\\" };

// What a quoted text can't have as it is. Control characters would break the line.
// biome-ignore lint/suspicious/noControlCharactersInRegex: it is about them
const NOT_AS_IT_IS = /["\\\u0000-\u001F\u007F\u2028\u2029\uD800-\uDFFF]/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: it is about them
const ESCAPED = /["\\\u0000-\u001F\u007F\u2028\u2029]/g;

function quoted(text: string, limit: number): string {
  // One character over the limit is enough for the cut to be seen.
  const shown = text.length > limit ? text.slice(0, limit + 1) : text;
  if (!NOT_AS_IT_IS.test(shown)) {
    return `"${shown}"`;
  }
  const escaped = shown.replace(ESCAPED, (character) => {
    return ESCAPES[character] ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
  return `"${escaped.replace(/\p{Surrogate}/gu, "\uFFFD")}"`;
}

function quotedBytes(bytes: Uint8Array, limit: number): string {
  let text = "";
  for (const byte of bytes.subarray(0, limit + 1)) {
    const printable = byte >= 0x20 && byte < 0x7f && byte !== 0x22 && byte !== 0x5c;
    text += printable ? String.fromCharCode(byte) : `\\${byte.toString(8).padStart(3, "0")}`;
  }
  return `"${text}"`;
}

function floatText(value: number): string {
  return Number.isNaN(value) ? "nan" : value === Infinity ? "inf" : value === -Infinity ? "-inf" : String(value);
}

const registries = new WeakMap<DescFile, Registry>();

// What a file and those that it imports define, nested messages included.
function registryOf(root: DescFile): Registry {
  let registry = registries.get(root);
  if (registry === undefined) {
    const files = new Set<DescFile>();
    const add = (file: DescFile): void => {
      if (!files.has(file)) {
        files.add(file);
        file.dependencies.forEach(add);
      }
    };
    add(root);
    registry = createRegistry(...files);
    registries.set(root, registry);
  }
  return registry;
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
