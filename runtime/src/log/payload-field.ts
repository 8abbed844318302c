import {
  type DescEnum,
  type DescField,
  type DescMessage,
  fromJson,
  type JsonObject,
  type Message,
  type ScalarType,
} from "@bufbuild/protobuf";
import { isScalarZeroValue } from "@bufbuild/protobuf/reflect";
import { FeatureSet_FieldPresence, isWrapperDesc, StructSchema, ValueSchema } from "@bufbuild/protobuf/wkt";

type Fields = Readonly<Record<string, unknown>>;

const fieldsOf = new WeakMap<DescMessage, readonly PayloadField[]>();

/** The fields of a message type by their numbers, as payload texts show them: worked out once per type. */
export function payloadFields(desc: DescMessage): readonly PayloadField[] {
  let fields = fieldsOf.get(desc);
  if (fields === undefined) {
    fields = desc.fields.toSorted((a, b) => a.number - b.number).map((field) => new PayloadField(field));
    fieldsOf.set(desc, fields);
  }
  return fields;
}

/** A field, with all that can be known of it before the first message. */
export class PayloadField {
  readonly name: string;
  readonly kind: DescField["fieldKind"];
  /** It has `debug_redact`. */
  readonly redacted: boolean;
  /** The types of its values, or of what is in its list or map: one of the three is there. */
  readonly message: DescMessage | undefined;
  readonly enum: DescEnum | undefined;
  readonly scalar: ScalarType | undefined;
  readonly mapKey: ScalarType | undefined;
  readonly #localName: string;
  readonly #oneof: string | undefined;
  readonly #implicit: boolean;
  readonly #toMessage: ((value: unknown) => Message) | undefined;

  constructor(desc: DescField) {
    this.name = desc.name;
    this.kind = desc.fieldKind;
    this.redacted = desc.proto.options?.debugRedact ?? false;
    this.message = desc.message;
    this.enum = desc.enum;
    this.scalar = desc.scalar;
    this.mapKey = desc.fieldKind === "map" ? desc.mapKey : undefined;
    this.#localName = desc.localName;
    this.#oneof = desc.oneof?.localName;
    this.#implicit = desc.presence === FeatureSet_FieldPresence.IMPLICIT;
    this.#toMessage = toMessage(desc);
  }

  /** The field's value in a message, as protobuf-es has it there; `undefined` if it isn't set. */
  valueIn(message: Message): unknown {
    const fields = message as unknown as Fields;
    if (this.#oneof !== undefined) {
      const member = fields[this.#oneof] as { readonly case?: string; readonly value?: unknown };
      return member.case === this.#localName ? member.value : undefined;
    }
    const value = fields[this.#localName];
    if (this.#implicit) {
      return this.#isEmpty(value) ? undefined : value;
    }
    // The defaults of fields with explicit presence are on the prototype.
    return Object.hasOwn(message, this.#localName) ? value : undefined;
  }

  /** The message that a value of this field (or in its list or map) stands for. */
  messageOf(value: unknown): Message {
    return this.#toMessage === undefined ? (value as Message) : this.#toMessage(value);
  }

  #isEmpty(value: unknown): boolean {
    if (this.kind === "list") {
      return (value as readonly unknown[]).length === 0;
    }
    if (this.kind === "map") {
      return Object.keys(value as Fields).length === 0;
    }
    return this.scalar === undefined ? value === this.enum?.values[0]?.number : isScalarZeroValue(this.scalar, value);
  }
}

// protobuf-es has the messages of some well-known types in other shapes.
function toMessage({ message, fieldKind, oneof, parent }: DescField): ((value: unknown) => Message) | undefined {
  if (message === undefined) {
    return undefined;
  }
  if (message.typeName === StructSchema.typeName && parent.typeName !== ValueSchema.typeName) {
    return (value) => fromJson(StructSchema, value as JsonObject);
  }
  if (isWrapperDesc(message) && fieldKind === "message" && oneof === undefined) {
    return (value) => ({ $typeName: message.typeName, value }) as Message;
  }
  return undefined;
}
