import { type DescExtension, type DescField, type DescFile, type DescMessage, getOption } from "@bufbuild/protobuf";

/** What `buf.validate` says of a value, as far as a value can be made by it. */
export interface ValueRules {
  readonly required?: boolean;
  readonly const?: unknown;
  /** Without what is in `notIn`. */
  readonly in?: readonly unknown[];
  readonly notIn?: readonly unknown[];
  readonly gt?: number;
  readonly gte?: number;
  readonly lt?: number;
  readonly lte?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly prefix?: string;
  readonly suffix?: string;
  readonly contains?: string;
  readonly notContains?: string;
  /** What bytes begin with, have within and end with. */
  readonly bytes?: Readonly<Partial<Record<"prefix" | "contains" | "suffix", Uint8Array>>>;
  readonly pattern?: string;
  /** `email`, `uuid`, `hostname`, …: the name of the rule; `headerName` and `headerValue` of `well_known_regex`. */
  readonly format?: string;
  /** On which side of the present moment a time is. */
  readonly now?: "before" | "after";
  /** How far from it, in seconds. */
  readonly within?: number;
  readonly unique?: boolean;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly items?: ValueRules;
  readonly keys?: ValueRules;
  readonly values?: ValueRules;
}

const NO_RULES: ValueRules = {};

// Found once for each file: whether rules are there at all depends on what the file imports.
const EXTENSIONS = new WeakMap<DescFile, ReadonlyMap<string, DescExtension>>();

/**
 * Reads the rules of `buf.validate` that stand at a field.
 *
 * They are read by the descriptors that the field's own file imports, so nothing of buf's is needed to run.
 */
export function rulesOf(field: DescField): ValueRules {
  const extension = extensionsOf(field.parent.file).get("buf.validate.field");
  return extension === undefined || field.proto.options === undefined
    ? NO_RULES
    : readRules(getOption(field, extension));
}

/** The names of fields of which a message may have one at the most, by its rules of `(buf.validate.message).oneof`. */
export function exclusiveFields(desc: DescMessage): readonly (readonly string[])[] {
  const extension = extensionsOf(desc.file).get("buf.validate.message");
  if (extension === undefined || desc.proto.options === undefined) {
    return [];
  }
  const { oneof } = asRead(getOption(desc, extension));
  return asList(oneof).map((rule) => asList(asRead(rule).fields).filter((name) => typeof name === "string"));
}

function extensionsOf(file: DescFile): ReadonlyMap<string, DescExtension> {
  let found = EXTENSIONS.get(file);
  if (found === undefined) {
    const all = new Map<string, DescExtension>();
    collectExtensions(file, all, new Set());
    found = all;
    EXTENSIONS.set(file, found);
  }
  return found;
}

function collectExtensions(file: DescFile, into: Map<string, DescExtension>, seen: Set<DescFile>): void {
  if (seen.has(file)) {
    return;
  }
  seen.add(file);
  for (const extension of file.extensions) {
    if (extension.typeName.startsWith("buf.validate.")) {
      into.set(extension.typeName, extension);
    }
  }
  for (const imported of file.dependencies) {
    collectExtensions(imported, into, seen);
  }
}

type Read = Readonly<Record<string, unknown>>;

function readRules(value: unknown): ValueRules {
  const rules = asRead(value);
  const { case: kind, value: typed } = asCase(rules.type);
  const of = asRead(typed);
  const lower = asCase(of.greaterThan);
  const upper = asCase(of.lessThan);
  const wellKnown = asCase(of.wellKnown);
  const isList = kind === "repeated";
  const notIn = asList(of.notIn);
  const listed = asList(of.in).filter((value) => !notIn.some((other) => isSameRuleValue(other, value)));
  return definedOf({
    required: rules.required === true || undefined,
    const: isSet(of, "const") ? of.const : undefined,
    in: listed.length > 0 ? listed : undefined,
    notIn: notIn.length > 0 ? notIn : undefined,
    [lower.case === "gt" ? "gt" : "gte"]: asNumber(lower.value),
    [upper.case === "lt" ? "lt" : "lte"]: asNumber(upper.value),
    minLength: length(of, "len") ?? length(of, "lenBytes") ?? length(of, "minLen") ?? length(of, "minBytes"),
    maxLength: length(of, "len") ?? length(of, "lenBytes") ?? length(of, "maxLen") ?? length(of, "maxBytes"),
    prefix: text(of, "prefix"),
    suffix: text(of, "suffix"),
    contains: text(of, "contains"),
    notContains: text(of, "notContains"),
    bytes:
      kind === "bytes"
        ? definedOf({ prefix: bytes(of.prefix), contains: bytes(of.contains), suffix: bytes(of.suffix) })
        : undefined,
    pattern: text(of, "pattern"),
    format: wellKnown.value === true ? wellKnown.case : HEADER_FORMATS[Number(wellKnown.value)],
    now: lower.case === "gtNow" ? "after" : upper.case === "ltNow" ? "before" : undefined,
    within: asNumber(of.within),
    unique: of.unique === true || undefined,
    minItems: length(of, isList ? "minItems" : "minPairs"),
    maxItems: length(of, isList ? "maxItems" : "maxPairs"),
    items: of.items === undefined ? undefined : readRules(of.items),
    keys: of.keys === undefined ? undefined : readRules(of.keys),
    values: of.values === undefined ? undefined : readRules(of.values),
  });
}

// By the numbers of buf.validate.KnownRegex.
const HEADER_FORMATS: Readonly<Record<number, string>> = { 1: "headerName", 2: "headerValue" };

/** Whether two values of rules, or of fields, are equal: numbers, texts, bytes, durations, timestamps. */
export function isSameRuleValue(one: unknown, other: unknown): boolean {
  if (one instanceof Uint8Array && other instanceof Uint8Array) {
    return Buffer.compare(one, other) === 0;
  }
  const [time, otherTime] = [secondsOf(one), secondsOf(other)];
  return time !== undefined && otherTime !== undefined
    ? time.seconds === otherTime.seconds && time.nanos === otherTime.nanos
    : one === other;
}

/** What a duration or a timestamp holds; `undefined` of anything else. */
export function secondsOf(value: unknown): { readonly seconds: bigint; readonly nanos: number } | undefined {
  const { seconds, nanos } = asRead(value);
  return typeof seconds === "bigint" ? { seconds, nanos: Number(nanos) } : undefined;
}

function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function asRead(value: unknown): Read {
  return typeof value === "object" && value !== null ? (value as Read) : {};
}

function asCase(value: unknown): { readonly case: string | undefined; readonly value: unknown } {
  const { case: name, value: of } = asRead(value);
  return { case: typeof name === "string" ? name : undefined, value: of };
}

/** A proto2-like field that isn't set reads as its default: only the message's own property says that it is there. */
function isSet(message: Read, name: string): boolean {
  return Object.hasOwn(message, name) && message[name] !== undefined;
}

function length(message: Read, name: string): number | undefined {
  return isSet(message, name) ? asNumber(message[name]) : undefined;
}

function text(message: Read, name: string): string | undefined {
  const value = isSet(message, name) ? message[name] : undefined;
  return typeof value === "string" && value !== "" ? value : undefined;
}

function bytes(value: unknown): Uint8Array | undefined {
  return value instanceof Uint8Array && value.length > 0 ? value : undefined;
}

function asNumber(value: unknown): number | undefined {
  if (typeof value === "number" || typeof value === "bigint") {
    return Number(value);
  }
  const time = secondsOf(value);
  return time && Number(time.seconds) + time.nanos / 1e9;
}

function definedOf(rules: Readonly<Record<string, unknown>>): ValueRules {
  return Object.fromEntries(Object.entries(rules).filter(([, value]) => value !== undefined)) as ValueRules;
}
