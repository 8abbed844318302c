import { type DescField, type DescMessage, isFieldSet, type Message } from "@bufbuild/protobuf";
import type { ReflectMessage } from "@bufbuild/protobuf/reflect";
import { reflect } from "@bufbuild/protobuf/reflect";
import type { Bound, Condition, FormatTest, Literal, Measure, RuleCheck } from "./validation.js";

/** A rule that generated code doesn't check: whoever has one is checked by protovalidate itself. */
export class UnknownRule extends Error {}

/** Where rules stand: the way from `buf.validate.FieldRules` to them. */
type Path = readonly DescField[];

/** One kind of rules, `buf.validate.StringRules` say, as they were read. */
interface RuleSet {
  /** `string` */
  readonly name: string;
  readonly desc: DescMessage;
  readonly message: Message;
  readonly path: Path;
}

/**
 * The checks of one kind of rules, in protovalidate's order.
 *
 * @param path to the field of `buf.validate.FieldRules`, or of the rules within, that has them
 * @param apart names of fields that are read elsewhere
 * @throws {UnknownRule} if one of them isn't checked by generated code
 */
export function ruleChecks(rules: ReflectMessage, path: Path, apart: readonly string[]): readonly RuleCheck[] {
  const set: RuleSet = { name: path.at(-1)?.name ?? "", desc: rules.desc, message: rules.message, path };
  if (rules.getUnknown() !== undefined) {
    throw new UnknownRule("a predefined rule");
  }
  const given = rules.desc.fields.filter(
    (field) => isFieldSet(rules.message, field) && !["example", ...apart].includes(field.name),
  );
  const checks = given.flatMap((field) => checksOf(set, field, rules));
  const order = ORDER[set.name] ?? [];
  return checks.sort((a, b) => order.indexOf(nameOf(a)) - order.indexOf(nameOf(b)));
}

const nameOf = ({ path }: RuleCheck): string => path.at(-1)?.name ?? "";

const NUMBERS = ["const", "gt", "gte", "lt", "lte", "in", "not_in", "finite"];
const STRINGS = [
  ...["const", "len", "min_len", "max_len", "len_bytes", "min_bytes", "max_bytes", "pattern", "prefix", "suffix"],
  ...["contains", "not_contains", "in", "not_in"],
];
const ORDER: Readonly<Record<string, readonly string[]>> = {
  ...Object.fromEntries(
    [
      ...["float", "double", "int32", "int64", "uint32", "uint64", "sint32", "sint64"],
      ...["fixed32", "fixed64", "sfixed32", "sfixed64"],
    ].map((name) => [name, NUMBERS]),
  ),
  // The formats come last.
  string: [...STRINGS, "email", "hostname", "uuid", "tuuid", "ulid", "protobuf_fqn"],
  enum: ["defined_only", "const", "in", "not_in"],
  repeated: ["min_items", "max_items", "unique"],
  map: ["min_pairs", "max_pairs"],
};

function checksOf(set: RuleSet, field: DescField, rules: ReflectMessage): readonly RuleCheck[] {
  const one = (message: string, brokenIf: Condition, id = field.name): readonly RuleCheck[] => [
    { id: `${set.name}.${id}`, path: [...set.path, field], message, brokenIf },
  ];
  const value = ruleValue(rules, field);
  const list = listOf(rules, field);
  if (NUMBERS.slice(1, 5).includes(field.name)) {
    return rangeCheck(set, field, rules);
  }
  switch (`${kindOf(set.name)}.${field.name}`) {
    case "string.const":
      return one(`must equal \`${value}\``, { kind: "compare", measure: "value", operator: "!==", bound: value });
    case "number.const":
    case "enum.const":
    case "bool.const":
      return one(`must equal ${value}`, { kind: "compare", measure: "value", operator: "!==", bound: value });
    case "string.in":
    case "number.in":
    case "enum.in":
      return one(`must be in list [${list.join(", ")}]`, { kind: "listed", values: list, not: true });
    case "string.not_in":
    case "number.not_in":
    case "enum.not_in":
      return one(`must not be in list [${list.join(", ")}]`, { kind: "listed", values: list, not: false });
    case "number.finite":
      return value === true ? one("must be finite", { kind: "infinite" }) : [];
    case "string.prefix":
      return one(`does not have prefix \`${value}\``, textual("startsWith", value, true));
    case "string.suffix":
      return one(`does not have suffix \`${value}\``, textual("endsWith", value, true));
    case "string.contains":
      return one(`does not contain substring \`${value}\``, textual("includes", value, true));
    case "string.not_contains":
      return one(`contains substring \`${value}\``, textual("includes", value, false));
    case "string.pattern":
      return one(`does not match regex pattern \`${value}\``, { kind: "pattern", pattern: safePattern(String(value)) });
    case "repeated.unique":
      return value === true ? one("repeated value must contain unique items", { kind: "repeats" }) : [];
    default:
      return sizeCheck(set, field, value) ?? formatCheck(set, field, value);
  }
}

function kindOf(name: string): string {
  return ORDER[name] === NUMBERS ? "number" : name;
}

function textual(method: "startsWith" | "endsWith" | "includes", text: Literal, not: boolean): Condition {
  return { kind: "text", method, text: String(text), not };
}

const SIZES: Readonly<Record<string, readonly [Measure, "!==" | "<" | ">", (size: number) => string]>> = {
  "string.len": ["codePoints", "!==", (size) => `must be ${size} characters`],
  "string.min_len": ["codePoints", "<", (size) => `must be at least ${size} characters`],
  "string.max_len": ["codePoints", ">", (size) => `must be at most ${size} characters`],
  "string.len_bytes": ["utf8Bytes", "!==", (size) => `must be ${size} bytes`],
  "string.min_bytes": ["utf8Bytes", "<", (size) => `must be at least ${size} bytes`],
  "string.max_bytes": ["utf8Bytes", ">", (size) => `must be at most ${size} bytes`],
  "bytes.len": ["length", "!==", (size) => `must be ${size} bytes`],
  "bytes.min_len": ["length", "<", (size) => `must be at least ${size} bytes`],
  "bytes.max_len": ["length", ">", (size) => `must be at most ${size} bytes`],
  "repeated.min_items": ["length", "<", (size) => `must contain at least ${size} item(s)`],
  "repeated.max_items": ["length", ">", (size) => `must contain no more than ${size} item(s)`],
  "map.min_pairs": ["entryCount", "<", (size) => `map must be at least ${size} entries`],
  "map.max_pairs": ["entryCount", ">", (size) => `map must be at most ${size} entries`],
};

function sizeCheck({ name, path }: RuleSet, field: DescField, value: Literal): readonly RuleCheck[] | undefined {
  const size = SIZES[`${name}.${field.name}`];
  const bound = Number(value);
  if (size === undefined || !Number.isSafeInteger(bound)) {
    return undefined;
  }
  const [measure, operator, message] = size;
  const brokenIf: Condition = { kind: "compare", measure, operator, bound };
  return [{ id: `${name}.${field.name}`, path: [...path, field], message: message(bound), brokenIf }];
}

const FORMATS: Readonly<Record<string, readonly [FormatTest, string]>> = {
  email: ["isEmail", "a valid email address"],
  hostname: ["isHostname", "a valid hostname"],
  uuid: ["isUuid", "a valid UUID"],
  tuuid: ["isTrimmedUuid", "a valid trimmed UUID"],
  ulid: ["isUlid", "a valid ULID"],
  protobuf_fqn: ["isProtobufName", "a valid fully-qualified Protobuf name"],
};

function formatCheck({ name, path }: RuleSet, field: DescField, value: Literal): readonly RuleCheck[] {
  const format = name === "string" ? FORMATS[field.name] : undefined;
  if (format === undefined) {
    throw new UnknownRule(`${name}.${field.name}`);
  }
  const [test, what] = format;
  const at = { id: `string.${field.name}`, path: [...path, field] };
  return value === true
    ? [
        { ...at, id: `${at.id}_empty`, message: `value is empty, which is not ${what}`, brokenIf: { kind: "empty" } },
        { ...at, message: `must be ${what}`, brokenIf: { kind: "format", test } },
      ]
    : [];
}

const WORDS = { gt: "greater than", gte: "greater than or equal to", lt: "less than", lte: "less than or equal to" };
const OPERATORS = { gt: ">", gte: ">=", lt: "<", lte: "<=" } as const;

/** One rule for both bounds: it is told where the lower one stands. */
function rangeCheck(set: RuleSet, field: DescField, rules: ReflectMessage): readonly RuleCheck[] {
  const bounds = (["gt", "gte", "lt", "lte"] as const).flatMap((name) => {
    const bound = set.desc.fields.find((each) => each.name === name);
    return bound !== undefined && isFieldSet(set.message, bound)
      ? [{ name, field: bound, value: ruleValue(rules, bound) as number | bigint }]
      : [];
  });
  const [lower, upper] = bounds;
  if (lower === undefined || lower.field !== field) {
    return [];
  }
  if (bounds.some(({ value }) => Number.isNaN(Number(value)))) {
    throw new UnknownRule(`${set.name}.${field.name}`);
  }
  const isApart = upper !== undefined && upper.value < lower.value;
  const id = `${bounds.map(({ name }) => name).join("_")}${isApart ? "_exclusive" : ""}`;
  const texts = bounds.map(({ name, value }) => `${WORDS[name]} ${value}`);
  const conditions = bounds.map(({ name, value }): Bound => ({ operator: OPERATORS[name], value }));
  return [
    {
      id: `${set.name}.${id}`,
      path: [...set.path, field],
      message: `must be ${texts.join(isApart ? " or " : " and ")}`,
      brokenIf: { kind: "outside", bounds: conditions, joined: isApart ? "||" : "&&" },
    },
  ];
}

// Of RE2's language, what JavaScript takes for the same, and matches in linear time: no groups that repeat what repeats itself, no
// classes and flags that only one of the two has. All else is protovalidate's own engine's.
const SAFE_PATTERN =
  /^\^?(?:(?:[\w \-!"#%&',/:;<=>@`~]|\\[dw.\\/*+?()[\]{}|^$]|\[\^?(?:\w-\w|[\w .,:;@!#$%*+/=?'"]|\\[dw.\\\][^-])+-?\])(?:[*+?]|\{\d{1,3}(?:,\d{0,3})?\})?)*\$?$/;

function safePattern(pattern: string): string {
  // Two parts in a row that take the same characters without end try each way to share them: one may repeat without end.
  const endless =
    pattern
      .replace(/\\./g, "x")
      .replace(/\[[^\]]*\]/g, "x")
      .match(/[*+]|\{\d+,\}/g) ?? [];
  if (!SAFE_PATTERN.test(pattern) || endless.length > 1) {
    throw new UnknownRule("string.pattern");
  }
  return pattern;
}

function ruleValue(rules: ReflectMessage, field: DescField): Literal {
  return field.fieldKind === "scalar" || field.fieldKind === "enum" ? (rules.get(field) as Literal) : false;
}

function listOf(rules: ReflectMessage, field: DescField): readonly Literal[] {
  return field.fieldKind === "list" ? ([...rules.get(field)] as Literal[]) : [];
}

/** Rules as reflection sees them. */
export function reflected(desc: DescMessage, rules: Message): ReflectMessage {
  return reflect(desc, rules);
}
