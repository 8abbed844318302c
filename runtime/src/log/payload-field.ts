import type { DescEnum, DescField, DescMessage, Message, ScalarType } from "@bufbuild/protobuf";
import { isScalarZeroValue } from "@bufbuild/protobuf/reflect";
import { FeatureSet_FieldPresence, isWrapperDesc, StructSchema, ValueSchema } from "@bufbuild/protobuf/wkt";

type Fields = Readonly<Record<string, unknown>>;

/** A message type, as payload texts show its messages. */
export interface PayloadType {
  /** In the order of their numbers. */
  readonly fields: readonly PayloadField[];
  readonly byNumber: ReadonlyMap<number, PayloadField>;
}

const types = new WeakMap<DescMessage, PayloadType>();

/** What payload texts need of a message type: worked out once per type. */
export function payloadType(desc: DescMessage): PayloadType {
  let type = types.get(desc);
  if (type === undefined) {
    const fields = desc.fields.toSorted((a, b) => a.number - b.number).map((field) => new PayloadField(field));
    type = { fields, byNumber: new Map(fields.map((field) => [field.number, field])) };
    types.set(desc, type);
  }
  return type;
}

/** A field, with all that can be known of it before the first message. */
export class PayloadField {
  readonly name: string;
  /** `ledger.v1.Transfer.iban`. */
  readonly fullName: string;
  readonly number: number;
  readonly kind: DescField["fieldKind"];
  /** It has `debug_redact`. */
  readonly redacted: boolean;
  /** The types of its values, or of what is in its list or map: one of the three is there. */
  readonly message: DescMessage | undefined;
  readonly enum: DescEnum | undefined;
  readonly scalar: ScalarType | undefined;
  readonly mapKey: ScalarType | undefined;
  /** protobuf-es has JSON in place of its messages. */
  readonly isJson: boolean;
  /** Its texts (and its map's keys) must be UTF-8. */
  readonly checksUtf8: boolean;
  readonly #localName: string;
  readonly #oneof: string | undefined;
  readonly #implicit: boolean;
  readonly #unwraps: boolean;

  constructor(desc: DescField) {
    this.name = desc.name;
    this.fullName = `${desc.parent.typeName}.${desc.name}`;
    this.number = desc.number;
    this.kind = desc.fieldKind;
    this.redacted = desc.proto.options?.debugRedact ?? false;
    this.message = desc.message;
    this.enum = desc.enum;
    this.scalar = desc.scalar;
    this.mapKey = desc.fieldKind === "map" ? desc.mapKey : undefined;
    this.isJson = desc.message?.typeName === StructSchema.typeName && desc.parent.typeName !== ValueSchema.typeName;
    this.checksUtf8 = desc.utf8Validation;
    this.#localName = desc.localName;
    this.#oneof = desc.oneof?.localName;
    this.#implicit = desc.presence === FeatureSet_FieldPresence.IMPLICIT;
    this.#unwraps = desc.fieldKind === "message" && desc.oneof === undefined && isWrapperDesc(desc.message);
  }

  /** The field's value in a message, as protobuf-es has it there; `undefined` if it isn't set. A map may be empty. */
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
    const { message } = this;
    return this.#unwraps && message !== undefined
      ? ({ $typeName: message.typeName, value } as Message)
      : (value as Message);
  }

  #isEmpty(value: unknown): boolean {
    if (this.kind === "list") {
      return (value as readonly unknown[]).length === 0;
    }
    if (this.kind === "map") {
      return false;
    }
    return this.scalar === undefined ? value === this.enum?.values[0]?.number : isScalarZeroValue(this.scalar, value);
  }
}
