import { randomUUID } from "node:crypto";
import { create, type DescField, type DescMessage, type Message, toBinary } from "@bufbuild/protobuf";
import { type ReflectMessage, reflect } from "@bufbuild/protobuf/reflect";
import { DurationSchema, TimestampSchema, timestampNow } from "@bufbuild/protobuf/wkt";
import { Validations } from "../model/build-validation.js";
import type { FieldChecks, MessageChecks, RuleCheck, ValueChecks } from "../model/validation.js";
import { breaksOne, candidates, lawfulValue, unlawfulValue } from "./sample-value.js";

const DEEPEST = 5;
const COUNTS = [1, 0, 2, 3, 5, 10];
const NO_CHECKS: ValueChecks = { reading: "itself", rules: [] };

/** A request that breaks a rule of its proto, and which. */
export interface UnlawfulSample {
  readonly message: Message;
  /** `account_id: string.min_len` */
  readonly rule: string;
}

/** Makes requests by their descriptors: within the rules of `buf.validate`, and beyond one of them at a time. */
export class SampleMessages {
  readonly #validations = new Validations();

  /** Whether what `lawful` makes is within all rules: they are known, rather than written in CEL. */
  knowsRulesOf(message: DescMessage): boolean {
    return this.#validations.kindOf(message) !== "interpreted";
  }

  /** A message with each field set, one of each oneof, and one element in each list. The same each time, but for keys. */
  lawful(message: DescMessage, idempotencyKey?: DescField): Message {
    const made = this.#make(message, 0);
    if (idempotencyKey !== undefined) {
      reflect(message, made).set(idempotencyKey, randomUUID());
    }
    return made;
  }

  /** Messages that break one rule each, at most `most`. None for messages whose rules aren't known. */
  unlawful(message: DescMessage, most: number): UnlawfulSample[] {
    const samples: UnlawfulSample[] = [];
    for (const checks of this.#checksOf(message)?.fields ?? []) {
      const { field, required } = checks;
      const made = () => reflect(message, this.#make(message, 0));
      if (required && field.oneof === undefined) {
        const without = made();
        without.clear(field);
        samples.push({ message: without.message, rule: `${field.name}: required` });
      }
      for (const rule of isSingular(field) ? checks.value.rules : []) {
        const value = unlawfulValue(candidates(field, checks.value.rules), rule, checks.onlyIfSet);
        if (value !== undefined) {
          const broken = made();
          broken.set(field, value);
          samples.push({ message: broken.message, rule: `${field.name}: ${rule.id}` });
        }
      }
    }
    return samples.slice(0, most);
  }

  #checksOf(message: DescMessage): MessageChecks | undefined {
    return this.knowsRulesOf(message) ? this.#validations.checksOf(message) : undefined;
  }

  #make(message: DescMessage, depth: number): Message {
    const made = reflect(message, create(message));
    const checks = this.#checksOf(message)?.fields ?? [];
    const chosen = new Set(message.oneofs.flatMap(({ fields: [first] }) => first ?? []));
    for (const field of message.fields) {
      if (field.oneof === undefined || chosen.has(field)) {
        this.#set(
          made,
          field,
          checks.find((each) => each.field === field),
          depth,
        );
      }
    }
    return made.message;
  }

  #set(made: ReflectMessage, field: DescField, checks: FieldChecks | undefined, depth: number): void {
    const { rules, elements = NO_CHECKS, keys = NO_CHECKS } = checks?.value ?? NO_CHECKS;
    switch (field.fieldKind) {
      case "list": {
        const list = made.get(field);
        for (const index of indices(rules)) {
          list.add(field.listKind === "message" ? this.#inner(field.message, depth) : one(field, elements, index));
        }
        return;
      }
      case "map": {
        const map = made.get(field);
        const key = lawfulValue(
          candidates({ ...field, scalar: field.mapKey, enum: undefined } as DescField, keys.rules),
          keys.rules,
        );
        const value = field.mapKind === "message" ? this.#inner(field.message, depth) : one(field, elements, 0);
        if (indices(rules).length > 0 && key !== undefined && !(key instanceof Uint8Array)) {
          map.set(key, value);
        }
        return;
      }
      case "message":
        if (depth < DEEPEST && isFillable(field.message)) {
          made.set(field, this.#inner(field.message, depth));
        }
        return;
      default:
        made.set(field, one(field, checks?.value ?? NO_CHECKS, 0));
    }
  }

  #inner(message: DescMessage, depth: number): ReflectMessage {
    switch (message.typeName) {
      case TimestampSchema.typeName:
        return reflect(message, timestampNow());
      case DurationSchema.typeName:
        return reflect(message, create(DurationSchema, { seconds: 1n }));
      default:
        return reflect(message, depth < DEEPEST ? this.#make(message, depth + 1) : create(message));
    }
  }
}

/** The bytes of a request. */
export function encoded(message: DescMessage, value: Message): Uint8Array {
  return toBinary(message, value);
}

/** An element's value: elements differ as far as there are candidates, since some lists ask for that. */
function one(field: DescField, { rules }: ValueChecks, index: number) {
  const values = candidates(field, rules);
  const lawful = values.filter((value) => !breaksOne(value, rules));
  return lawful[index] ?? lawful[0] ?? values[0];
}

function indices(rules: readonly RuleCheck[]): number[] {
  const count = COUNTS.find((each) => !breaksOne({ count: each }, rules)) ?? 1;
  return Array.from({ length: count }, (_, index) => index);
}

function isSingular({ fieldKind }: DescField): boolean {
  return fieldKind === "scalar" || fieldKind === "enum";
}

/** An Any names a type, and a Struct anything: left empty, both are lawful. */
function isFillable({ typeName }: DescMessage): boolean {
  return ![
    "google.protobuf.Any",
    "google.protobuf.Struct",
    "google.protobuf.Value",
    "google.protobuf.ListValue",
  ].includes(typeName);
}
