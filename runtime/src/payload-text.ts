import {
  createRegistry,
  type DescField,
  type DescFile,
  type DescMessage,
  type Message,
  type Registry,
  ScalarType,
} from "@bufbuild/protobuf";
import { type ReflectMessage, reflect } from "@bufbuild/protobuf/reflect";
import { type Any, AnySchema, anyUnpack } from "@bufbuild/protobuf/wkt";

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
  writer.fields(reflect(desc, message), 0);
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

  fields(message: ReflectMessage, depth: number): void {
    if (message.desc.typeName === AnySchema.typeName && this.#any(message.message as Any, depth)) {
      return;
    }
    for (const field of message.sortedFields) {
      if (this.#full) {
        return;
      }
      if (message.isSet(field)) {
        this.#field(message, field, depth);
      }
    }
  }

  #field(message: ReflectMessage, field: DescField, depth: number): void {
    if (field.proto.options?.debugRedact) {
      this.#write(`${field.name}: [REDACTED]`);
      return;
    }
    switch (field.fieldKind) {
      case "list":
        for (const item of message.get(field)) {
          if (this.#full) {
            return;
          }
          this.#value(field.name, field.listKind === "enum" ? enumName(field, item) : item, field.scalar, depth);
        }
        return;
      case "map":
        for (const [key, value] of message.get(field)) {
          if (this.#full) {
            return;
          }
          this.#write(`${field.name} {`);
          this.#value("key", key, field.mapKey, depth);
          this.#value("value", field.mapKind === "enum" ? enumName(field, value) : value, field.scalar, depth);
          this.#write("}");
        }
        return;
      case "enum":
        this.#value(field.name, enumName(field, message.get(field)), undefined, depth);
        return;
      default:
        this.#value(field.name, message.get(field), field.scalar, depth);
    }
  }

  #value(name: string, value: unknown, scalar: ScalarType | undefined, depth: number): void {
    if (isReflectMessage(value)) {
      this.#write(`${name} {`);
      if (depth < MAX_DEPTH) {
        this.fields(value, depth + 1);
      }
      this.#write("}");
    } else if (typeof value === "string" && scalar === ScalarType.STRING) {
      this.#write(`${name}: ${quoted(value, this.#limit)}`);
    } else if (value instanceof Uint8Array) {
      this.#write(`${name}: ${quotedBytes(value, this.#limit)}`);
    } else if (typeof value === "number" && (scalar === ScalarType.DOUBLE || scalar === ScalarType.FLOAT)) {
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
      this.fields(reflect(desc, packed), depth + 1);
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

function isReflectMessage(value: unknown): value is ReflectMessage {
  return typeof value === "object" && value !== null && "sortedFields" in value && "message" in value;
}

function enumName(field: DescField, value: unknown): string {
  const named = field.enum?.value[value as number];
  return named?.proto.options?.debugRedact ? "[REDACTED]" : (named?.name ?? String(value));
}

const ESCAPES: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t", '"': '\\"', "\\": "\\\\" };

function quoted(text: string, limit: number): string {
  // One character over the limit is enough for the cut to be seen.
  const shown = text.length > limit ? text.slice(0, limit + 1) : text;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters would break the line
  const escaped = shown.replace(/["\\\u0000-\u001F\u007F\u2028\u2029]/g, (character) => {
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
