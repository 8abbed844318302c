import { create, fromJson, type JsonObject, setExtension } from "@bufbuild/protobuf";
import {
  type FieldDescriptorProto,
  FieldDescriptorProto_Label,
  FieldDescriptorProto_Type,
  FieldDescriptorProtoSchema,
  FieldOptionsSchema,
  type FileDescriptorProto,
  FileDescriptorProtoSchema,
} from "@bufbuild/protobuf/wkt";
import fc from "fast-check";
import {
  FieldRulesSchema,
  field as rulesOfField,
} from "../../plugin/src/read/validate/gen/buf/validate/validate_pb.js";

// Fields of any type with any standard rules, around the values of random-values.ts.

type Rules = Readonly<Record<string, unknown>>;

const { INT32, INT64, UINT32, UINT64, SINT32, SINT64, FIXED32, FIXED64, SFIXED32, SFIXED64, FLOAT, DOUBLE } =
  FieldDescriptorProto_Type;
const { STRING, BYTES, BOOL, ENUM, MESSAGE } = FieldDescriptorProto_Type;
const NUMBERS = {
  ...{ int32: INT32, int64: INT64, uint32: UINT32, uint64: UINT64, sint32: SINT32, sint64: SINT64 },
  ...{ fixed32: FIXED32, fixed64: FIXED64, sfixed32: SFIXED32, sfixed64: SFIXED64, float: FLOAT, double: DOUBLE },
};
const FORMATS = [
  ...["email", "hostname", "ip", "ipv4", "ipv6", "uri", "uri_ref", "address", "uuid", "tuuid", "ip_with_prefixlen"],
  ...["ipv4_with_prefixlen", "ipv6_with_prefixlen", "ip_prefix", "ipv4_prefix", "ipv6_prefix", "host_and_port", "ulid"],
];
const PATTERNS = ["^[a-z]+$", "b", "^.{2,3}$", "^(a|ab)(c|bcd)?$", "[0-9]{2}", "^\\S*$", "^$", "^[A-Z]{2}[0-9]*$"];
const PIECES = ["a", "ab", "b", "x", "c", "é", "1"];

const some = <T>(values: fc.Arbitrary<T>) => fc.array(values, { minLength: 1, maxLength: 3 });

function numberRules(name: string): fc.Arbitrary<Rules> {
  const value =
    name.startsWith("u") || name === "fixed32" || name === "fixed64" ? fc.nat(10) : fc.integer({ min: -3, max: 10 });
  const bound = (lower: string, upper: string) => fc.tuple(value, value).map(([a, b]) => ({ [lower]: a, [upper]: b }));
  return fc.oneof(
    value.map((each) => ({ const: each })),
    fc.tuple(fc.constantFrom("gt", "gte", "lt", "lte"), value).map(([rule, each]) => ({ [rule]: each })),
    // A range whose ends are the other way round is what lies outside of it.
    fc.tuple(fc.constantFrom("gt", "gte"), fc.constantFrom("lt", "lte")).chain(([lower, upper]) => bound(lower, upper)),
    fc.tuple(fc.constantFrom("in", "notIn"), some(value)).map(([rule, list]) => ({ [rule]: list })),
    fc.tuple(value, some(value)).map(([least, list]) => ({ gte: least, notIn: list })),
    ...(name === "float" || name === "double" ? [fc.constant({ finite: true })] : []),
  );
}

const size = (one: string, least: string, most: string) =>
  fc.oneof(
    fc.nat(5).map((length) => ({ [one]: length })),
    fc.nat(4).map((length) => ({ [least]: length })),
    fc.nat(5).map((length) => ({ [most]: length })),
    fc.tuple(fc.nat(3), fc.nat(3)).map(([from, more]) => ({ [least]: from, [most]: from + more })),
  );

const piece = fc.constantFrom(...PIECES);

const textRules: fc.Arbitrary<Rules> = fc
  .array(
    fc.oneof(
      size("len", "minLen", "maxLen"),
      size("lenBytes", "minBytes", "maxBytes"),
      fc
        .tuple(fc.constantFrom("prefix", "suffix", "contains", "notContains"), piece)
        .map(([rule, text]) => ({ [rule]: text })),
      fc.constantFrom(...PATTERNS).map((pattern) => ({ pattern })),
      fc.tuple(fc.constantFrom("in", "notIn"), some(piece)).map(([rule, list]) => ({ [rule]: list })),
      piece.map((text) => ({ const: text })),
      fc
        .constantFrom(...FORMATS)
        .map((format) => ({ [format.replace(/_(\w)/g, (_, c: string) => c.toUpperCase())]: true })),
    ),
    { minLength: 1, maxLength: 2 },
  )
  // A text has one format.
  .map((rules) => Object.assign({}, ...rules) as Rules)
  .filter((rules) => Object.values(rules).filter((value) => value === true).length < 2);

const bytes = fc.uint8Array({ maxLength: 2, max: 4 }).map((each) => Buffer.from(each).toString("base64"));
const bytesRules: fc.Arbitrary<Rules> = fc.oneof(
  size("len", "minLen", "maxLen"),
  fc.tuple(fc.constantFrom("prefix", "suffix", "contains", "const"), bytes).map(([rule, value]) => ({ [rule]: value })),
  fc.tuple(fc.constantFrom("in", "notIn"), some(bytes)).map(([rule, list]) => ({ [rule]: list })),
);

interface Kind {
  readonly type: FieldDescriptorProto_Type;
  /** Its name in `FieldRules`, and rules for it. */
  readonly name: string;
  readonly rules: fc.Arbitrary<Rules>;
}

const KINDS: readonly Kind[] = [
  ...Object.entries(NUMBERS).map(([name, type]) => ({ type, name, rules: numberRules(name) })),
  { type: STRING, name: "string", rules: textRules },
  { type: STRING, name: "string", rules: textRules },
  { type: BYTES, name: "bytes", rules: bytesRules },
  { type: BOOL, name: "bool", rules: fc.boolean().map((value) => ({ const: value })) },
  {
    type: ENUM,
    name: "enum",
    rules: fc.oneof(
      fc.constant({ definedOnly: true }),
      fc.nat(3).map((value) => ({ const: value })),
      fc.tuple(fc.constantFrom("in", "notIn"), some(fc.nat(3))).map(([rule, list]) => ({ [rule]: list })),
    ),
  },
];
const KEYS = KINDS.filter(({ type }) => ![FLOAT, DOUBLE, BYTES, ENUM].includes(type));

const PACKAGE = "random.v1";
const IGNORE = fc.constantFrom("IGNORE_UNSPECIFIED", "IGNORE_UNSPECIFIED", "IGNORE_IF_ZERO_VALUE", "IGNORE_ALWAYS");
const ofAll = fc.record({ ignore: IGNORE, required: fc.boolean() });

/** A field, and the message that a map's entries are. */
interface Field {
  readonly shape: "single" | "optional" | "list" | "map";
  readonly kind: Kind;
  readonly key: Kind;
  readonly rules: JsonObject;
}

const fields: fc.Arbitrary<Field> = fc
  .record({
    shape: fc.constantFrom("single", "single", "single", "optional", "list", "map"),
    kind: fc.constantFrom(...KINDS),
    key: fc.constantFrom(...KEYS),
    all: ofAll,
  })
  .chain(({ shape, kind, key, all }) =>
    fc
      .record({
        own: kind.rules,
        ofKey: fc.option(key.rules, { nil: undefined }),
        ofItems: fc.option(kind.rules, { nil: undefined }),
        sizes: fc.record(
          { least: fc.nat(2), more: fc.nat(2), unique: fc.boolean() },
          { requiredKeys: ["least", "more"] },
        ),
      })
      .map(({ own, ofKey, ofItems, sizes }): Field => {
        const rules = {
          single: { [kind.name]: own },
          optional: { [kind.name]: own },
          list: {
            repeated: {
              minItems: sizes.least,
              maxItems: sizes.least + sizes.more,
              ...(sizes.unique === true ? { unique: true } : {}),
              ...(ofItems && { items: { [kind.name]: ofItems } }),
            },
          },
          map: {
            map: {
              minPairs: sizes.least,
              maxPairs: sizes.least + sizes.more,
              ...(ofKey && { keys: { [key.name]: ofKey } }),
              ...(ofItems && { values: { [kind.name]: ofItems } }),
            },
          },
        }[shape];
        return { shape, kind, key, rules: { ...all, ...rules } as JsonObject };
      }),
  );

/** A file whose messages have fields with random rules. */
export const FILE_WITH_RULES: fc.Arbitrary<FileDescriptorProto> = fc
  .array(fc.array(fields, { minLength: 1, maxLength: 5 }), { minLength: 4, maxLength: 8 })
  .map((messages) =>
    create(FileDescriptorProtoSchema, {
      name: "random/v1/random.proto",
      package: PACKAGE,
      syntax: "proto3",
      dependency: ["buf/validate/validate.proto"],
      enumType: [{ name: "Choice", value: ["NONE", "ONE", "TWO"].map((name, number) => ({ name, number })) }],
      messageType: messages.map(message),
    }),
  );

function message(own: readonly Field[], index: number) {
  const name = `Random${index}`;
  const optional = own.flatMap(({ shape }, at) => (shape === "optional" ? [at] : []));
  return {
    name,
    field: own.map((each, at) => declared(each, at, name, optional)),
    oneofDecl: optional.map((at) => ({ name: `_field_${at}` })),
    nestedType: own.flatMap(({ shape, key, kind }, at) =>
      shape === "map"
        ? [
            {
              name: `Field${at}Entry`,
              options: { mapEntry: true },
              field: [typed("key", 1, key), typed("value", 2, kind)],
            },
          ]
        : [],
    ),
  };
}

function declared({ shape, kind, rules }: Field, at: number, parent: string, optional: readonly number[]) {
  const field = typed(`field_${at}`, at + 1, kind);
  field.options = create(FieldOptionsSchema);
  setExtension(field.options, rulesOfField, fromJson(FieldRulesSchema, rules));
  if (shape === "list" || shape === "map") {
    field.label = FieldDescriptorProto_Label.REPEATED;
  }
  if (shape === "map") {
    field.type = MESSAGE;
    field.typeName = `.${PACKAGE}.${parent}.Field${at}Entry`;
  }
  if (shape === "optional") {
    field.proto3Optional = true;
    field.oneofIndex = optional.indexOf(at);
  }
  return field;
}

function typed(name: string, number: number, { type }: Kind): FieldDescriptorProto {
  return create(FieldDescriptorProtoSchema, {
    ...{ name, number, label: FieldDescriptorProto_Label.OPTIONAL, type },
    jsonName: name.replace(/_(\w)/g, (_, character: string) => character.toUpperCase()),
    ...(type === ENUM && { typeName: `.${PACKAGE}.Choice` }),
  });
}
