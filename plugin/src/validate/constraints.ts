import type { DescField, DescMessage, Message } from "@bufbuild/protobuf";
import { isFieldSet } from "@bufbuild/protobuf";
import { reflect } from "@bufbuild/protobuf/reflect";
import type { OptionPlace, Place } from "../read/place.js";
import { scalarRuleKind, valueRuleKind } from "../read/validate/rule-kind.js";
import { type FieldRules, FieldRulesSchema, fieldRules, fieldRulesPlace } from "../read/validate/validation-options.js";
import type { ResolvedContract } from "../resolve/resolved-contract.js";
import { checkedFiles } from "./elements.js";

/** The rules of `buf.validate` of one value: a field's, its elements', its keys'. */
export interface Constraints {
  readonly field: DescField;
  /** `amount`, `the elements of notes` */
  readonly label: string;
  /** The kind of rules that the value can have: `string`; undefined: none. */
  readonly kind: string | undefined;
  /** The kind of those that it has. */
  readonly given: string;
  readonly place: Place;
  /** Where a rule stands. */
  placeOf(rule: string): Place;
  /** A rule's value, if it is given; messages as they are. */
  ruleValue(rule: string): unknown;
}

/** The rules of all values of the messages that are checked. */
export function* constraintsOf(contract: ResolvedContract): Generator<Constraints> {
  for (const message of checkedMessages(contract)) {
    for (const field of message.fields) {
      const rules = fieldRules(field);
      if (rules !== undefined && rules !== "unreadable") {
        yield* constraintsWithin(field, rules, fieldRulesPlace(field));
      }
    }
  }
}

/** All messages of the files that are checked. */
export function* checkedMessages(contract: ResolvedContract): Generator<DescMessage> {
  for (const { desc } of checkedFiles(contract)) {
    for (const message of desc.messages) {
      yield* withNested(message);
    }
  }
}

function* withNested(message: DescMessage): Generator<DescMessage> {
  yield message;
  for (const nested of message.nestedMessages) {
    yield* withNested(nested);
  }
}

function* constraintsWithin(field: DescField, rules: FieldRules, at: OptionPlace<FieldRules>): Generator<Constraints> {
  const whole = field.fieldKind === "list" ? "repeated" : field.fieldKind === "map" ? "map" : undefined;
  yield* single(field, field.name, whole ?? valueRuleKind(field), rules, at);
  if (whole === "repeated" && rules.type.case === "repeated" && rules.type.value.items !== undefined) {
    const label = `the elements of ${field.name}`;
    yield* single(field, label, valueRuleKind(field), rules.type.value.items, at.at("repeated").at("items"));
  }
  if (field.fieldKind === "map" && rules.type.case === "map") {
    const { keys, values } = rules.type.value;
    if (keys !== undefined) {
      const kind = scalarRuleKind(field.mapKey);
      yield* single(field, `the keys of ${field.name}`, kind, keys, at.at("map").at("keys"));
    }
    if (values !== undefined) {
      yield* single(field, `the values of ${field.name}`, valueRuleKind(field), values, at.at("map").at("values"));
    }
  }
}

function* single(
  field: DescField,
  label: string,
  kind: string | undefined,
  { type }: FieldRules,
  at: OptionPlace<FieldRules>,
): Generator<Constraints> {
  const given = FieldRulesSchema.fields.find(({ localName }) => localName === type.case);
  if (type.case === undefined || given?.message === undefined) {
    return;
  }
  const place = at.at(type.case);
  const ruleOf = (name: string): DescField | undefined => given.message?.fields.find((rule) => rule.name === name);
  const read = reflect(given.message, type.value as Message);
  yield {
    field,
    label,
    kind,
    given: given.name,
    place,
    placeOf: (name) => {
      const rule = ruleOf(name);
      // What rules there are differs from kind to kind, which types can't follow.
      return rule === undefined ? place : (place as OptionPlace<Record<string, unknown>>).at(rule.localName);
    },
    ruleValue: (name) => {
      const rule = ruleOf(name);
      if (rule === undefined || !isFieldSet(read.message, rule)) {
        return undefined;
      }
      const value = read.get(rule);
      return rule.fieldKind === "message" ? (value as { readonly message: Message }).message : value;
    },
  };
}
