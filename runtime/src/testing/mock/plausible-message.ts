import { create, type DescEnum, type DescField, type DescMessage, type Message, ScalarType } from "@bufbuild/protobuf";
import { isReflectMessage, type ReflectMessage, reflect, reflectMap } from "@bufbuild/protobuf/reflect";
import { isWrapperDesc } from "@bufbuild/protobuf/wkt";
import { exclusiveFields, rulesOf, type ValueRules } from "./field-rules.js";
import { isWithin } from "./is-within.js";
import { plausibleBytes } from "./plausible-bytes.js";
import { type NumberKind, plausibleFlag, plausibleNumber } from "./plausible-number.js";
import { plausibleText } from "./plausible-text.js";
import type { Random } from "./random.js";
import { wellKnown } from "./well-known-message.js";

// Deep enough for what people look at, and an end to messages that contain themselves.
const DEEPEST = 5;

// So often another value is tried, where what looks right breaks a rule or is there already.
const MOST_ATTEMPTS = 32;

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
  const index = making.index ?? 0;
  return wellKnown(desc, {}, index, making.random) ?? new MessageMaker(making.random, echoed).make(desc, index, 0);
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
    const leftOut = this.#leftOut(desc);
    const message = create(desc);
    const filled = reflect(desc, message);
    for (const member of desc.members) {
      const field = member.kind === "oneof" ? member.fields[this.#random.between(0, member.fields.length - 1)] : member;
      if (field !== undefined && !leftOut.has(field.name) && !isTooDeep(field, depth)) {
        this.#fill(filled, field, index, depth);
      }
    }
    return message;
  }

  /** Of fields that exclude one another, all but one. */
  #leftOut(desc: DescMessage): ReadonlySet<string> {
    return new Set(
      exclusiveFields(desc).flatMap((names) => {
        const kept = this.#random.between(0, names.length - 1);
        return names.filter((_, at) => at !== kept);
      }),
    );
  }

  #message(field: DescField, desc: DescMessage, rules: ValueRules, index: number, depth: number): Message {
    const [value] = desc.fields;
    return isWrapperDesc(desc) && value?.fieldKind === "scalar"
      ? create(desc, { value: this.#scalar(field, value.scalar, rules, index) } as never)
      : (wellKnown(desc, rules, index, this.#random) ?? this.make(desc, index, depth + 1));
  }

  #fill(message: ReflectMessage, field: DescField, index: number, depth: number): void {
    const rules = rulesOf(field);
    switch (field.fieldKind) {
      case "scalar": {
        const echo = this.#echoed.get(echoKey(field));
        message.set(
          field,
          echo !== undefined && isWithin(echo, rules) ? echo : this.#scalar(field, field.scalar, rules, index),
        );
        return;
      }
      case "enum":
        message.set(field, this.#enumValue(field.enum, rules));
        return;
      case "message":
        message.set(field, reflect(field.message, this.#message(field, field.message, rules, index, depth)));
        return;
      case "list": {
        const list = message.get(field);
        const seen = new Set<string>();
        const count = this.#count(rules);
        for (let at = 0; at < count; at += 1) {
          const item = this.#listItem(field, rules, seen, at, depth);
          if (item !== undefined) {
            list.add(item as never);
          }
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

  /** The next element of a list; `undefined` if it must be another than those that were seen, and there is none. */
  #listItem(
    field: DescField & { readonly fieldKind: "list" },
    { items = {}, unique = false }: ValueRules,
    seen: Set<string>,
    at: number,
    depth: number,
  ): unknown {
    for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt += 1) {
      const item = this.#item(field, items, at + attempt, depth);
      const key = String(item);
      if (!unique || !seen.has(key)) {
        seen.add(key);
        return item;
      }
    }
    return undefined;
  }

  #item(field: DescField & { readonly fieldKind: "list" }, rules: ValueRules, at: number, depth: number): unknown {
    switch (field.listKind) {
      case "scalar":
        return this.#scalar({ ...field, name: field.name.replace(/s$/, "") }, field.scalar, rules, at);
      case "enum":
        return this.#enumValue(field.enum, rules);
      default:
        return reflect(field.message, this.#message(field, field.message, rules, at, depth));
    }
  }

  #mapValue(field: DescField & { readonly fieldKind: "map" }, rules: ValueRules, at: number, depth: number): unknown {
    switch (field.mapKind) {
      case "scalar":
        return this.#scalar(field, field.scalar, rules, at);
      case "enum":
        return this.#enumValue(field.enum, rules);
      default:
        return reflect(field.message, this.#message(field, field.message, rules, at, depth));
    }
  }

  #count({ minItems = 0, maxItems = Number.POSITIVE_INFINITY }: ValueRules, usual = 2): number {
    return Math.max(Math.min(minItems, 1_000), Math.min(usual, maxItems));
  }

  #enumValue(desc: DescEnum, rules: ValueRules): number {
    const listed = [...(rules.const === undefined ? (rules.in ?? []) : [rules.const])];
    const given = listed.filter((value) => typeof value === "number");
    if (given.length > 0) {
      return given[this.#random.between(0, given.length - 1)] ?? 0;
    }
    // Zero mostly says that nothing is said.
    const allowed = desc.values.filter(({ number }) => !rules.notIn?.includes(number));
    const values = allowed.filter(({ number, deprecated }) => number !== 0 && !deprecated);
    return values[this.#random.between(0, values.length - 1)]?.number ?? allowed[0]?.number ?? 0;
  }

  #scalar(field: Pick<DescField, "name" | "parent">, type: ScalarType, rules: ValueRules, index: number): unknown {
    let value = this.#scalarOnce(field, type, rules, index);
    for (let attempt = 1; attempt < MOST_ATTEMPTS && !isWithin(value, rules); attempt += 1) {
      // What a name suggests may be just what is forbidden.
      value = this.#scalarOnce({ parent: field.parent, name: attempt < 8 ? field.name : "value" }, type, rules, index);
    }
    return value;
  }

  #scalarOnce(field: Pick<DescField, "name" | "parent">, type: ScalarType, rules: ValueRules, index: number): unknown {
    switch (type) {
      case ScalarType.STRING:
        return plausibleText(field.name, subjectOf(field.parent), rules, this.#random);
      case ScalarType.BYTES:
        return plausibleBytes(rules, this.#random);
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
