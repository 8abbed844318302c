import { create, type DescEnum, type DescField, type DescMessage, type Message, ScalarType } from "@bufbuild/protobuf";
import { isReflectMessage, type ReflectMessage, reflect, reflectMap } from "@bufbuild/protobuf/reflect";
import { rulesOf, type ValueRules } from "./field-rules.js";
import { type NumberKind, plausibleFlag, plausibleNumber } from "./plausible-number.js";
import { plausibleText, timeOf } from "./plausible-text.js";
import { hexDigits, type Random } from "./random.js";

// Deep enough for what people look at, and an end to messages that contain themselves.
const DEEPEST = 5;

/** What an answer is made from. */
export interface Making {
  readonly random: Random;
  /** The call's request: what has the same name and type in the answer has its value. */
  readonly request?: { readonly desc: DescMessage; readonly message: Message };
  /** The message's place in its stream. */
  readonly index?: number;
}

/** Makes a message with every field filled as its name, type and rules of `buf.validate` suggest. */
export function plausibleMessage<Desc extends DescMessage>(desc: Desc, making: Making): Message {
  const echoed = new Map<string, unknown>();
  if (making.request !== undefined) {
    collect(reflect(making.request.desc, making.request.message), echoed, 0);
  }
  return new MessageMaker(making.random, echoed).make(desc, making.index ?? 0, 0);
}

/** The scalars of a request by name and type, the outermost first. */
function collect(message: ReflectMessage, into: Map<string, unknown>, depth: number): void {
  for (const field of message.fields) {
    if (field.fieldKind === "scalar" && message.isSet(field)) {
      const key = echoKey(field);
      into.set(key, into.get(key) ?? message.get(field));
    }
  }
  for (const field of message.fields) {
    const inner =
      field.fieldKind === "message" && message.isSet(field) && depth < DEEPEST ? message.get(field) : undefined;
    if (isReflectMessage(inner)) {
      collect(inner, into, depth + 1);
    }
  }
}

function echoKey(field: DescField & { readonly scalar?: ScalarType }): string {
  return `${field.name}:${field.scalar}`;
}

class MessageMaker {
  readonly #random: Random;
  readonly #echoed: ReadonlyMap<string, unknown>;

  constructor(random: Random, echoed: ReadonlyMap<string, unknown>) {
    this.#random = random;
    this.#echoed = echoed;
  }

  make(desc: DescMessage, index: number, depth: number): Message {
    const made = wellKnown(desc, index, this.#random);
    if (made !== undefined) {
      return made;
    }
    const message = create(desc);
    const filled = reflect(desc, message);
    for (const member of desc.members) {
      const field = member.kind === "oneof" ? member.fields[this.#random.between(0, member.fields.length - 1)] : member;
      if (field !== undefined && !isTooDeep(field, depth)) {
        this.#fill(filled, field, index, depth);
      }
    }
    return message;
  }

  #fill(message: ReflectMessage, field: DescField, index: number, depth: number): void {
    const rules = rulesOf(field);
    switch (field.fieldKind) {
      case "scalar": {
        const echo = this.#echoed.get(echoKey(field));
        message.set(
          field,
          echo !== undefined && rules.const === undefined ? echo : this.#scalar(field, field.scalar, rules, index),
        );
        return;
      }
      case "enum":
        message.set(field, this.#enumValue(field.enum, rules));
        return;
      case "message":
        message.set(field, reflect(field.message, this.make(field.message, index, depth + 1)));
        return;
      case "list": {
        const list = message.get(field);
        const count = this.#count(rules);
        for (let at = 0; at < count; at += 1) {
          list.add(this.#item(field, rules.items ?? {}, at, depth));
        }
        return;
      }
      case "map": {
        const map = reflectMap(field);
        const count = this.#count(rules, 1);
        for (let at = 0; at < count; at += 1) {
          const key = this.#scalar({ ...field, name: `${field.name}_key` }, field.mapKey, rules.keys ?? {}, at);
          map.set(key as never, this.#mapValue(field, rules.values ?? {}, at, depth));
        }
        message.set(field, map);
      }
    }
  }

  #item(field: DescField & { readonly fieldKind: "list" }, rules: ValueRules, at: number, depth: number): unknown {
    switch (field.listKind) {
      case "scalar":
        return this.#scalar({ ...field, name: field.name.replace(/s$/, "") }, field.scalar, rules, at);
      case "enum":
        return this.#enumValue(field.enum, rules);
      default:
        return reflect(field.message, this.make(field.message, at, depth + 1));
    }
  }

  #mapValue(field: DescField & { readonly fieldKind: "map" }, rules: ValueRules, at: number, depth: number): unknown {
    switch (field.mapKind) {
      case "scalar":
        return this.#scalar(field, field.scalar, rules, at);
      case "enum":
        return this.#enumValue(field.enum, rules);
      default:
        return reflect(field.message, this.make(field.message, at, depth + 1));
    }
  }

  #count({ minItems = 0, maxItems = Number.POSITIVE_INFINITY }: ValueRules, usual = 2): number {
    return Math.max(Math.min(minItems, 1_000), Math.min(usual, maxItems));
  }

  #enumValue(desc: DescEnum, rules: ValueRules): number {
    const listed = [rules.const, ...(rules.in ?? [])].filter((value) => typeof value === "number");
    const [first] = listed;
    if (first !== undefined) {
      return first;
    }
    // Zero mostly says that nothing is said.
    const values = desc.values.filter(({ number, deprecated }) => number !== 0 && !deprecated);
    return values[this.#random.between(0, values.length - 1)]?.number ?? desc.values[0]?.number ?? 0;
  }

  #scalar(field: Pick<DescField, "name" | "parent">, type: ScalarType, rules: ValueRules, index: number): unknown {
    switch (type) {
      case ScalarType.STRING:
        return plausibleText(field.name, subjectOf(field.parent), rules, this.#random);
      case ScalarType.BYTES:
        return bytesOf(rules, this.#random);
      case ScalarType.BOOL:
        return plausibleFlag(field.name, rules, this.#random);
      default: {
        const number = plausibleNumber(field.name, NUMBERS[type] ?? DEFAULT_NUMBERS, rules, index, this.#random);
        return LONG.has(type) ? BigInt(Math.trunc(number)) : number;
      }
    }
  }
}

// A message that contains its own type, however deep, is left out rather than made for ever.
function isTooDeep(field: DescField, depth: number): boolean {
  const inner = field.message;
  return inner !== undefined && (depth >= DEEPEST || (depth > 0 && inner === field.parent));
}

/** `ledger.v1.GetAccountResponse` → `account` */
function subjectOf(desc: DescMessage): string {
  const words = desc.name
    .replace(/(Request|Response|Reply|Event|Info)$/, "")
    .replace(/^(Get|List|Create|Update|Open)/, "");
  return (words || desc.name).replace(/([a-z0-9])([A-Z])/g, "$1-$2").toLowerCase();
}

const SAFE = Number.MAX_SAFE_INTEGER;
const DEFAULT_NUMBERS: NumberKind = { isWhole: true, least: 0, most: 2 ** 31 - 1 };
const FRACTIONS: NumberKind = { isWhole: false, least: -SAFE, most: SAFE };
const SIGNED: NumberKind = { isWhole: true, least: -(2 ** 31), most: 2 ** 31 - 1 };
const SIGNED_LONG: NumberKind = { isWhole: true, least: -SAFE, most: SAFE };
const UNSIGNED_LONG: NumberKind = { isWhole: true, least: 0, most: SAFE };
const NUMBERS: Partial<Record<ScalarType, NumberKind>> = {
  [ScalarType.DOUBLE]: FRACTIONS,
  [ScalarType.FLOAT]: FRACTIONS,
  [ScalarType.INT32]: SIGNED,
  [ScalarType.SINT32]: SIGNED,
  [ScalarType.SFIXED32]: SIGNED,
  [ScalarType.INT64]: SIGNED_LONG,
  [ScalarType.SINT64]: SIGNED_LONG,
  [ScalarType.SFIXED64]: SIGNED_LONG,
  [ScalarType.UINT64]: UNSIGNED_LONG,
  [ScalarType.FIXED64]: UNSIGNED_LONG,
};
const LONG: ReadonlySet<ScalarType> = new Set([
  ...[ScalarType.INT64, ScalarType.UINT64, ScalarType.SINT64, ScalarType.FIXED64, ScalarType.SFIXED64],
]);

function bytesOf({ minLength = 0, maxLength = 8, const: constant }: ValueRules, random: Random): Uint8Array {
  return constant instanceof Uint8Array
    ? constant
    : new Uint8Array(Buffer.from(hexDigits(random, 2 * Math.max(minLength, Math.min(8, maxLength))), "hex"));
}

function wellKnown(desc: DescMessage, index: number, random: Random): Message | undefined {
  switch (desc.typeName) {
    case "google.protobuf.Timestamp":
      return create(desc, { seconds: BigInt(Math.floor(timeOf(random) / 1_000) + index * 60) } as never);
    case "google.protobuf.Duration":
      return create(desc, { seconds: BigInt(random.between(1, 60)) } as never);
    // What is in them, only their users know.
    case "google.protobuf.Any":
    case "google.protobuf.FieldMask":
      return create(desc);
    case "google.protobuf.Struct":
    case "google.protobuf.Value":
    case "google.protobuf.ListValue":
      return structValue(desc, random);
    default:
      return undefined;
  }
}

function structValue(desc: DescMessage, random: Random): Message {
  return desc.typeName === "google.protobuf.Value"
    ? create(desc, { kind: { case: "stringValue", value: hexDigits(random, 6) } } as never)
    : create(desc);
}
