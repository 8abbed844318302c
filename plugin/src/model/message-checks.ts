import { type DescField, type DescMessage, isFieldSet, ScalarType } from "@bufbuild/protobuf";
import { FeatureSet_FieldPresence, isWrapperDesc } from "@bufbuild/protobuf/wkt";
import { messageRuleKind, scalarRuleKind } from "../read/validate/rule-kind.js";
import {
  type FieldRules,
  FieldRulesSchema,
  fieldRules,
  Ignore,
  type MessageRules,
  messageRules,
  oneofRules,
  type Rules,
} from "../read/validate/validation-options.js";
import { ruleChecks } from "./rule-checks.js";
import { RuleSet, UnknownRule } from "./rule-set.js";
import type {
  Condition,
  ExclusiveFields,
  FieldChecks,
  MessageChecks,
  Reading,
  RuleCheck,
  ValueChecks,
} from "./validation.js";

/**
 * What is checked of a message, in protovalidate's order.
 *
 * @throws {UnknownRule} if it isn't all checked by generated code
 */
export function messageChecks(message: DescMessage): MessageChecks {
  const rules = readable(messageRules(message));
  if ((rules?.cel.length ?? 0) + (rules?.celExpression.length ?? 0) > 0) {
    throw new UnknownRule("a rule of the whole message");
  }
  const exclusive = exclusiveFields(message, rules);
  const within = new Set(exclusive.flatMap(({ fields }) => fields));
  const fields = message.fields.flatMap((field): FieldChecks[] => {
    const own = readable(fieldRules(field));
    expectNoCel(own);
    const isIgnoreGiven = own !== undefined && isFieldSet(own, FieldRulesSchema.field.ignore);
    // What may not be set together is checked only if it is set.
    const ignore = !isIgnoreGiven && within.has(field) ? Ignore.IF_ZERO_VALUE : (own?.ignore ?? Ignore.UNSPECIFIED);
    return ignore === Ignore.ALWAYS ? [] : [fieldChecks(field, own, ignore)];
  });
  const requiredOneofs = message.oneofs.filter((oneof) => readable(oneofRules(oneof))?.required === true);
  return { message, fields, exclusive, requiredOneofs };
}

function readable<M>(rules: Rules<M>): M | undefined {
  if (rules === "unreadable") {
    throw new UnknownRule("a rule of another version");
  }
  return rules;
}

function expectNoCel(rules: FieldRules | undefined): void {
  if ((rules?.cel.length ?? 0) + (rules?.celExpression.length ?? 0) > 0) {
    throw new UnknownRule("a rule in CEL");
  }
}

function exclusiveFields(message: DescMessage, rules: MessageRules | undefined): readonly ExclusiveFields[] {
  return (rules?.oneof ?? []).map(({ fields: names, required }) => {
    const fields = names.flatMap((name) => message.fields.find((field) => field.name === name) ?? []);
    if (names.length === 0 || fields.length !== names.length || new Set(fields).size !== fields.length) {
      throw new UnknownRule("a rule about fields that aren't there");
    }
    return { fields, required };
  });
}

function fieldChecks(field: DescField, rules: FieldRules | undefined, ignore: Ignore): FieldChecks {
  const isPlural = field.fieldKind === "list" || field.fieldKind === "map";
  return {
    field,
    required: rules?.required ?? false,
    onlyIfSet:
      field.fieldKind === "message" ||
      ignore === Ignore.IF_ZERO_VALUE ||
      (!isPlural && field.presence !== FeatureSet_FieldPresence.IMPLICIT),
    value: valueChecks(field, rules),
  };
}

function valueChecks(field: DescField, rules: FieldRules | undefined): ValueChecks {
  switch (field.fieldKind) {
    case "list": {
      const list = rules?.type.case === "repeated" ? rules.type.value : undefined;
      const [set, path] = ruleSet(rules, "repeated");
      return {
        reading: "itself",
        rules: set === undefined ? [] : uniqueChecks(field, ruleChecks(set)),
        elements: elementChecks(field, list?.items, within(path, "items")),
      };
    }
    case "map": {
      const map = rules?.type.case === "map" ? rules.type.value : undefined;
      const [set, path] = ruleSet(rules, "map");
      return {
        reading: "itself",
        rules: set === undefined ? [] : ruleChecks(set),
        keys: scalarChecks(field.mapKey, keyReading(field.mapKey), map?.keys, within(path, "keys")),
        elements: elementChecks(field, map?.values, within(path, "values")),
      };
    }
    default:
      return singleChecks(field, rules, []);
  }
}

/** Elements that are compared must be comparable. */
function uniqueChecks(field: DescField & { fieldKind: "list" }, rules: readonly RuleCheck[]): readonly RuleCheck[] {
  return rules.map((rule) => {
    if (rule.brokenIf.kind !== "repeats") {
      return rule;
    }
    if (field.listKind === "message") {
      throw new UnknownRule("repeated.unique of messages");
    }
    return { ...rule, brokenIf: { kind: "repeats", of: comparedAs(field) } };
  });
}

function comparedAs({ scalar, enum: isEnum }: DescField): "bytes" | "numbers" | "others" {
  if (scalar === ScalarType.BYTES) {
    return "bytes";
  }
  const isOther =
    scalar === ScalarType.STRING || scalar === ScalarType.BOOL || (scalar !== undefined && isLong(scalar));
  return isEnum !== undefined || !isOther ? "numbers" : "others";
}

/** The checks of an element or of a map's value. */
function elementChecks(
  field: DescField & { fieldKind: "list" | "map" },
  rules: FieldRules | undefined,
  path: readonly DescField[],
): ValueChecks {
  expectNoCel(rules);
  return rules?.ignore === Ignore.ALWAYS ? NOTHING : singleChecks(field, rules, path);
}

const NOTHING: ValueChecks = { reading: "itself", rules: [] };

/** The checks of a value that is no list and no map: a field's, an element's, an entry's. */
function singleChecks(field: DescField, rules: FieldRules | undefined, path: readonly DescField[]): ValueChecks {
  if (field.message !== undefined) {
    return messageValueChecks(field, field.message, rules, path);
  }
  if (field.enum !== undefined) {
    const [set] = ruleSet(rules, "enum", path);
    const checks = set === undefined ? [] : ruleChecks(set);
    const definedOnly: readonly RuleCheck[] =
      set?.get("defined_only") === true
        ? set.check("defined_only", "value must be one of the defined enum values", {
            kind: "undefined",
            enum: field.enum,
          })
        : [];
    const zero = field.enum.values[0]?.number ?? 0;
    return {
      reading: "enumNumber",
      rules: [...definedOnly, ...checks],
      unless: path.length > 0 && rules?.ignore === Ignore.IF_ZERO_VALUE ? isValue(zero) : undefined,
    };
  }
  if (field.scalar === undefined) {
    return NOTHING;
  }
  const isText = "longAsString" in field && field.longAsString && isLong(field.scalar);
  return scalarChecks(field.scalar, isText ? "bigint" : "itself", rules, path);
}

function messageValueChecks(
  field: DescField,
  message: DescMessage,
  rules: FieldRules | undefined,
  path: readonly DescField[],
): ValueChecks {
  // protobuf-es has the value itself in a field of its own.
  const isUnwrapped = isWrapperDesc(message) && field.fieldKind === "message" && field.oneof === undefined;
  const wrapped = isWrapperDesc(message) ? message.fields[0]?.scalar : undefined;
  const [set] = ruleSet(rules, messageRuleKind(message), path);
  return {
    reading: wrapped === undefined || isUnwrapped ? "itself" : "unwrapped",
    rules: set === undefined ? [] : ruleChecks(set),
    message: wrapped === undefined ? message : undefined,
  };
}

/** @param path of the rules of an element or a key; of a field's own, nothing */
function scalarChecks(
  scalar: ScalarType,
  reading: Reading,
  rules: FieldRules | undefined,
  path: readonly DescField[],
): ValueChecks {
  expectNoCel(rules);
  if (path.length > 0 && rules?.ignore === Ignore.ALWAYS) {
    return NOTHING;
  }
  const [set] = ruleSet(rules, scalarRuleKind(scalar), path);
  return {
    reading,
    rules: set === undefined ? [] : ruleChecks(set),
    unless: path.length > 0 && rules?.ignore === Ignore.IF_ZERO_VALUE ? isZero(scalar) : undefined,
  };
}

function isValue(bound: string | number | bigint | boolean): Condition {
  return { kind: "compare", measure: "value", operator: "===", bound };
}

function isZero(scalar: ScalarType): Condition {
  switch (scalar) {
    case ScalarType.STRING:
      return isValue("");
    case ScalarType.BYTES:
      return { kind: "compare", measure: "length", operator: "===", bound: 0 };
    case ScalarType.BOOL:
      return isValue(false);
    default:
      return isValue(isLong(scalar) ? 0n : 0);
  }
}

function isLong(scalar: ScalarType): boolean {
  return [ScalarType.INT64, ScalarType.UINT64, ScalarType.SINT64, ScalarType.FIXED64, ScalarType.SFIXED64].includes(
    scalar,
  );
}

/** Keys of maps are text. */
function keyReading(scalar: ScalarType): Reading {
  return scalar === ScalarType.STRING
    ? "itself"
    : scalar === ScalarType.BOOL
      ? "boolean"
      : isLong(scalar)
        ? "bigint"
        : "number";
}

/**
 * The rules of a type, and where they stand.
 *
 * @param kind of the value: `string`
 * @throws {UnknownRule} if the rules are another type's
 */
function ruleSet(
  rules: FieldRules | undefined,
  kind: string | undefined,
  path: readonly DescField[] = [],
): readonly [set: RuleSet | undefined, path: readonly DescField[]] {
  const { type } = rules ?? {};
  if (type?.case === undefined) {
    return [undefined, []];
  }
  const field = FieldRulesSchema.fields.find(({ localName }) => localName === type.case);
  if (field?.message === undefined || field.name !== kind) {
    throw new UnknownRule(`rules of another type: ${type.case}`);
  }
  const whole = [...path, field];
  return [new RuleSet(field.message, type.value, whole), whole];
}

function within(path: readonly DescField[], name: string): readonly DescField[] {
  const field = path.at(-1)?.message?.fields.find((each) => each.name === name);
  return field === undefined ? [] : [...path, field];
}
