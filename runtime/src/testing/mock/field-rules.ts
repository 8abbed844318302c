import { type DescExtension, type DescField, type DescFile, getOption, type Message } from "@bufbuild/protobuf";

/** What `buf.validate` says of a value, as far as a value can be made by it. */
export interface ValueRules {
  readonly required?: boolean;
  readonly const?: unknown;
  readonly in?: readonly unknown[];
  readonly gt?: number;
  readonly gte?: number;
  readonly lt?: number;
  readonly lte?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly prefix?: string;
  readonly suffix?: string;
  readonly contains?: string;
  readonly pattern?: string;
  /** `email`, `uuid`, `hostname`, …: the name of the rule. */
  readonly format?: string;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly items?: ValueRules;
  readonly keys?: ValueRules;
  readonly values?: ValueRules;
}

const NO_RULES: ValueRules = {};

// Found once for each file: whether rules are there at all depends on what the file imports.
const EXTENSIONS = new WeakMap<DescFile, { readonly extension: DescExtension | undefined }>();

/**
 * Reads the rules of `buf.validate` that stand at a field.
 *
 * They are read by the descriptors that the field's own file imports, so nothing of buf's is needed to run.
 */
export function rulesOf(field: DescField): ValueRules {
  const file = field.parent.file;
  let found = EXTENSIONS.get(file);
  if (found === undefined) {
    found = { extension: fieldExtension(file, new Set()) };
    EXTENSIONS.set(file, found);
  }
  const options = field.proto.options;
  return found.extension === undefined || options === undefined
    ? NO_RULES
    : readRules(getOption(field, found.extension));
}

function fieldExtension(file: DescFile, seen: Set<DescFile>): DescExtension | undefined {
  if (seen.has(file)) {
    return undefined;
  }
  seen.add(file);
  const own = file.extensions.find(({ typeName }) => typeName === "buf.validate.field");
  if (own !== undefined) {
    return own;
  }
  for (const imported of file.dependencies) {
    const extension = fieldExtension(imported, seen);
    if (extension !== undefined) {
      return extension;
    }
  }
  return undefined;
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
  return definedOf({
    required: rules.required === true || undefined,
    const: isSet(of, "const") ? of.const : undefined,
    in: Array.isArray(of.in) && of.in.length > 0 ? of.in : undefined,
    [lower.case === "gt" ? "gt" : "gte"]: asNumber(lower.value),
    [upper.case === "lt" ? "lt" : "lte"]: asNumber(upper.value),
    minLength: length(of, "len") ?? length(of, "minLen") ?? length(of, "minBytes"),
    maxLength: length(of, "len") ?? length(of, "maxLen") ?? length(of, "maxBytes"),
    prefix: text(of, "prefix"),
    suffix: text(of, "suffix"),
    contains: text(of, "contains"),
    pattern: text(of, "pattern"),
    format: wellKnown.value === true ? wellKnown.case : undefined,
    minItems: length(of, isList ? "minItems" : "minPairs"),
    maxItems: length(of, isList ? "maxItems" : "maxPairs"),
    items: of.items === undefined ? undefined : readRules(of.items),
    keys: of.keys === undefined ? undefined : readRules(of.keys),
    values: of.values === undefined ? undefined : readRules(of.values),
  });
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

function asNumber(value: unknown): number | undefined {
  if (typeof value === "number" || typeof value === "bigint") {
    return Number(value);
  }
  const { seconds, nanos } = asRead(value as Message);
  return typeof seconds === "bigint" ? Number(seconds) + Number(nanos) / 1e9 : undefined;
}

function definedOf(rules: Readonly<Record<string, unknown>>): ValueRules {
  return Object.fromEntries(Object.entries(rules).filter(([, value]) => value !== undefined)) as ValueRules;
}
