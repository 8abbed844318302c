import { type DescField, type DescMessage, ScalarType } from "@bufbuild/protobuf";
import { Edition, FeatureSet_FieldPresence } from "@bufbuild/protobuf/wkt";
import {
  type FieldRules,
  FieldRulesSchema,
  fieldRules,
  Ignore,
  messageRules,
  oneofRules,
} from "../read/validate/validation-options.js";
import { reflected, ruleChecks, UnknownRule } from "./rule-checks.js";
import type { FieldChecks, MessageChecks, RuleCheck, Validation, ValueChecks } from "./validation.js";

/** The checks of messages, each worked out once. */
export class Validations {
  readonly #checks = new Map<DescMessage, MessageChecks | "unknown">();
  readonly #kinds = new Map<DescMessage, Validation>();

  /** How a message is checked. */
  kindOf(message: DescMessage): Validation {
    let kind = this.#kinds.get(message);
    if (kind === undefined) {
      const all = [...this.#reached(message)].map((each) => this.#ownChecks(each));
      kind = all.includes("unknown")
        ? "interpreted"
        : all.some((each) => each !== "unknown" && hasRules(each))
          ? "static"
          : "none";
      this.#kinds.set(message, kind);
    }
    return kind;
  }

  /** The checks of a message that generated code checks. What needs none is left out of it. */
  checksOf(message: DescMessage): MessageChecks {
    const checks = this.#ownChecks(message);
    if (checks === "unknown") {
      throw new Error(`${message} isn't checked by generated code`);
    }
    const fields = checks.fields
      .map((field): FieldChecks => ({ ...field, value: this.#needed(field.value) }))
      .filter(({ required, value }) => required || isNeeded(value));
    return { ...checks, fields };
  }

  #needed({ message, elements, ...value }: ValueChecks): ValueChecks {
    const inner = elements && this.#needed(elements);
    return {
      ...value,
      message: message !== undefined && this.kindOf(message) !== "none" ? message : undefined,
      elements: inner !== undefined && isNeeded(inner) ? inner : undefined,
    };
  }

  /** A message, and all that its checks lead to. */
  #reached(message: DescMessage): Set<DescMessage> {
    const reached = new Set([message]);
    // It grows while it is gone through.
    for (const each of reached) {
      const checks = this.#ownChecks(each);
      for (const { value } of checks === "unknown" ? [] : checks.fields) {
        for (const next of [value.message, value.elements?.message]) {
          if (next !== undefined) {
            reached.add(next);
          }
        }
      }
    }
    return reached;
  }

  #ownChecks(message: DescMessage): MessageChecks | "unknown" {
    let checks = this.#checks.get(message);
    if (checks === undefined) {
      checks = checksOrUnknown(message);
      this.#checks.set(message, checks);
    }
    return checks;
  }
}

function hasRules({ fields, requiredOneofs }: MessageChecks): boolean {
  return requiredOneofs.length > 0 || fields.some(({ required, value }) => required || hasOwnRules(value));
}

function hasOwnRules({ rules, elements, keys }: ValueChecks): boolean {
  return rules.length > 0 || [elements, keys].some((each) => each !== undefined && hasOwnRules(each));
}

function isNeeded({ rules, message, elements, keys }: ValueChecks): boolean {
  return rules.length > 0 || message !== undefined || elements !== undefined || (keys?.rules.length ?? 0) > 0;
}

function checksOrUnknown(message: DescMessage): MessageChecks | "unknown" {
  try {
    return checksOf(message);
  } catch (error) {
    if (error instanceof UnknownRule) {
      return "unknown";
    }
    throw error;
  }
}

function checksOf(message: DescMessage): MessageChecks {
  const rules = messageRules(message);
  if (
    rules === "unreadable" ||
    (rules?.cel.length ?? 0) + (rules?.celExpression.length ?? 0) + (rules?.oneof.length ?? 0) > 0
  ) {
    throw new UnknownRule("a rule of the whole message");
  }
  const fields = message.fields.flatMap((field): FieldChecks[] => {
    const own = fieldRules(field);
    if (own === "unreadable" || (own?.cel.length ?? 0) + (own?.celExpression.length ?? 0) > 0) {
      throw new UnknownRule("a rule in CEL");
    }
    return own?.ignore === Ignore.ALWAYS ? [] : [fieldChecks(field, own)];
  });
  const requiredOneofs = message.oneofs.filter((oneof) => {
    const own = oneofRules(oneof);
    if (own === "unreadable") {
      throw new UnknownRule("a oneof's rule");
    }
    return own?.required === true;
  });
  return { message, fields, requiredOneofs };
}

function fieldChecks(field: DescField, rules: FieldRules | undefined): FieldChecks {
  const value = valueChecks(field, rules);
  const checks = {
    field,
    required: rules?.required ?? false,
    onlyIfSet:
      field.fieldKind === "message" ||
      rules?.ignore === Ignore.IF_ZERO_VALUE ||
      (field.fieldKind !== "list" && field.fieldKind !== "map" && field.presence !== FeatureSet_FieldPresence.IMPLICIT),
    value,
  };
  // What stands for an unset field of proto2 and of editions is on the message's prototype: only reflection tells.
  const { edition } = field.parent.file;
  if (edition !== Edition.EDITION_PROTO3 && (checks.required || hasOwnRules(value))) {
    throw new UnknownRule("a rule in a file that isn't proto3");
  }
  if (field.fieldKind === "scalar" && field.longAsString && (checks.required || hasOwnRules(value))) {
    throw new UnknownRule("a 64-bit number as text");
  }
  return checks;
}

function valueChecks(field: DescField, rules: FieldRules | undefined): ValueChecks {
  switch (field.fieldKind) {
    case "message":
      expectType(rules, []);
      return { rules: [], message: field.message };
    case "list": {
      expectType(rules, ["repeated"]);
      const repeated = rules?.type.case === "repeated" ? rules.type.value : undefined;
      if (
        repeated?.unique &&
        (field.listKind === "message" || (field.listKind === "scalar" && field.scalar === ScalarType.BYTES))
      ) {
        throw new UnknownRule("repeated.unique of messages or bytes");
      }
      const path = typePath(rules);
      const own = repeated === undefined ? [] : typeChecks(rules, path, ["items"]);
      return {
        rules: own,
        elements: elementChecks(field, repeated?.items, within(path, "items", repeated !== undefined)),
      };
    }
    case "map": {
      expectType(rules, ["map"]);
      const map = rules?.type.case === "map" ? rules.type.value : undefined;
      if (map?.keys !== undefined && field.mapKey !== ScalarType.STRING) {
        throw new UnknownRule("rules of keys that aren't texts");
      }
      const path = typePath(rules);
      const own = map === undefined ? [] : typeChecks(rules, path, ["keys", "values"]);
      return {
        rules: own,
        keys: scalarChecks(ScalarType.STRING, map?.keys, within(path, "keys", map !== undefined)),
        elements: elementChecks(field, map?.values, within(path, "values", map !== undefined)),
      };
    }
    default:
      return elementChecks(field, rules, []);
  }
}

/** The checks of a value that is no list and no map: a field's, an element's, an entry's. */
function elementChecks(field: DescField, rules: FieldRules | undefined, path: readonly DescField[]): ValueChecks {
  if (path.length > 0) {
    expectPlain(rules);
  }
  if (field.message !== undefined) {
    expectType(rules, []);
    return { rules: [], message: field.message };
  }
  if (field.enum !== undefined) {
    expectType(rules, ["enum"]);
    const checks = typeChecks(rules, [...path, ...typePath(rules)], ["defined_only"]);
    const isDefined = rules?.type.case === "enum" && rules.type.value.definedOnly;
    const definedOnly = typeRules(rules)?.desc.fields.find(({ name }) => name === "defined_only");
    if (!isDefined || definedOnly === undefined) {
      return { rules: checks };
    }
    const check: RuleCheck = {
      id: "enum.defined_only",
      path: [...path, ...typePath(rules), definedOnly],
      message: "value must be one of the defined enum values",
      brokenIf: { kind: "undefined", enum: field.enum },
    };
    return { rules: [check, ...checks] };
  }
  return field.scalar === undefined ? { rules: [] } : scalarChecks(field.scalar, rules, path);
}

function scalarChecks(scalar: ScalarType, rules: FieldRules | undefined, path: readonly DescField[]): ValueChecks {
  if (path.length > 0) {
    expectPlain(rules);
  }
  expectType(rules, [ScalarType[scalar].toLowerCase()]);
  return { rules: typeChecks(rules, [...path, ...typePath(rules)], []) };
}

/** Elements of lists and maps are checked whatever they are: no more is known of them here. */
function expectPlain(rules: FieldRules | undefined): void {
  if (
    rules !== undefined &&
    (rules.cel.length + rules.celExpression.length > 0 || rules.ignore !== Ignore.UNSPECIFIED || rules.required)
  ) {
    throw new UnknownRule("more than a rule of an element's type");
  }
}

function expectType(rules: FieldRules | undefined, names: readonly string[]): void {
  const name = rules?.type.case;
  if (name !== undefined && !names.includes(name)) {
    throw new UnknownRule(`${name} rules`);
  }
}

function typePath(rules: FieldRules | undefined): readonly DescField[] {
  const field = FieldRulesSchema.fields.find(({ localName }) => localName === rules?.type.case);
  return field === undefined ? [] : [field];
}

function within(path: readonly DescField[], name: string, isThere: boolean): readonly DescField[] {
  const field = path.at(-1)?.message?.fields.find((each) => each.name === name);
  return isThere && field !== undefined ? [...path, field] : [];
}

function typeRules(rules: FieldRules | undefined) {
  const [field] = typePath(rules);
  return rules?.type.value === undefined || field?.message === undefined
    ? undefined
    : reflected(field.message, rules.type.value);
}

/** @param apart what is read elsewhere */
function typeChecks(
  rules: FieldRules | undefined,
  path: readonly DescField[],
  apart: readonly string[],
): readonly RuleCheck[] {
  const own = typeRules(rules);
  return own === undefined ? [] : ruleChecks(own, path, apart);
}
