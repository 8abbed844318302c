import * as accord from "@accord-grpc/runtime/accord/v1/options_pb";
import {
  create,
  createFileRegistry,
  type DescExtension,
  type DescField,
  type DescFile,
  type DescMessage,
  fromBinary,
  type Message,
  ScalarType,
  setExtension,
  toBinary,
} from "@bufbuild/protobuf";
import type { GenExtension } from "@bufbuild/protobuf/codegenv2";
import { reflect } from "@bufbuild/protobuf/reflect";
import {
  EnumOptionsSchema,
  EnumValueOptionsSchema,
  FieldDescriptorProto_Label,
  FieldDescriptorProto_Type,
  FieldOptionsSchema,
  FileDescriptorProtoSchema,
  FileDescriptorSetSchema,
  FileOptionsSchema,
  MethodOptions_IdempotencyLevel,
  MethodOptionsSchema,
  ServiceOptionsSchema,
} from "@bufbuild/protobuf/wkt";
import fc from "fast-check";

// Texts that options are made of: good ones, bad ones, and ones that were meant to break something.
const TEXTS = [
  ...["", "0s", "1ms", "100ms", "5s", "1m30s", "2h", "600h", "500", "5 s", "1e9s", "99999999999999999999h"],
  ...["id", "nested.id", "nested.nested.id", "list", "map", "choice", "nested", "no_such", ".", "id.", "secret"],
  ...["INSUFFICIENT_FUNDS", "STALE", "FUZZ_ERROR_CODE_ONE", "fuzz.v1.FUZZ_ERROR_CODE_ONE", "__proto__", "constructor"],
  ...["Balance {id}", "{", "}{", "{}", "TypeError", "FuzzNotFoundError", "toString", "é😀", "\u0000", "a".repeat(99)],
  ...[
    "fuzz.v1.Nested",
    "RETRY_CODES",
    "TIMEOUT_MISSING",
    "no rule",
    "https://example.com",
    "250m",
    "256Mi",
    "acme/x:1",
  ],
];

const text = fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...TEXTS) }, { weight: 1, arbitrary: fc.string() });

const number = fc.oneof(fc.integer({ min: 0, max: 6 }), fc.constantFrom(101, 1_048_577, 65_536, 4_294_967_295));

const double = fc.oneof(fc.constantFrom(0, 0.5, 1, 2, -1, 0.0004, NaN, Infinity, -Infinity), fc.double());

function scalar(type: ScalarType): fc.Arbitrary<unknown> {
  switch (type) {
    case ScalarType.STRING:
      return text;
    case ScalarType.BOOL:
      return fc.boolean();
    case ScalarType.DOUBLE:
      return double;
    default:
      return number;
  }
}

function single(field: DescField): fc.Arbitrary<unknown> {
  if (field.message !== undefined) {
    return message(field.message);
  }
  if (field.enum !== undefined) {
    const numbers = field.enum.values.map((value) => value.number);
    return fc.oneof({ weight: 20, arbitrary: fc.constantFrom(...numbers) }, { weight: 1, arbitrary: fc.constant(999) });
  }
  return scalar(field.scalar ?? ScalarType.STRING);
}

/** Any message of a type, as deep as it goes: the contract language isn't recursive. */
function message(desc: DescMessage): fc.Arbitrary<Message> {
  const values: Record<string, fc.Arbitrary<unknown>> = {};
  for (const field of desc.fields) {
    values[field.name] =
      field.fieldKind === "list"
        ? fc.array(single(field), { maxLength: 4 })
        : field.fieldKind === "map"
          ? fc.array(fc.tuple(text, single(field)), { maxLength: 3 })
          : single(field);
  }
  return fc.record(values, { requiredKeys: [] }).map((record) => {
    const result = reflect(desc);
    for (const field of desc.fields) {
      const value = record[field.name];
      if (value === undefined) {
        continue;
      }
      if (field.fieldKind === "list") {
        const list = result.get(field);
        for (const item of value as unknown[]) {
          list.add(field.message === undefined ? item : reflect(field.message, item as Message));
        }
      } else if (field.fieldKind === "map") {
        const map = result.get(field);
        for (const [key, item] of value as [string, unknown][]) {
          map.set(key, field.message === undefined ? item : reflect(field.message, item as Message));
        }
      } else {
        result.set(field, field.message === undefined ? value : reflect(field.message, value as Message));
      }
    }
    return result.message;
  });
}

/** An options message that carries any value of Accord's option, none, or bytes that are no value of it. */
function options<Extendee extends Message, Value extends Message>(
  empty: () => Extendee,
  extension: GenExtension<Extendee, Value>,
  density: number,
): fc.Arbitrary<Extendee> {
  const schema = extension.message;
  const value: fc.Arbitrary<Message | Uint8Array | undefined> = fc.oneof(
    { weight: 10 * density, arbitrary: message(schema as DescMessage) },
    { weight: 100 - 10 * density, arbitrary: fc.constant(undefined) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 9 }) },
  );
  return value.map((content) => {
    const result = empty();
    if (content instanceof Uint8Array) {
      // A message's length and bytes, or a plain number.
      result.$unknown = [
        content.length === 0
          ? { no: extension.number, wireType: 0, data: Uint8Array.of(7) }
          : { no: extension.number, wireType: 2, data: Uint8Array.of(content.length, ...content) },
      ];
    } else if (content !== undefined) {
      // TypeScript can't compute the value's type of a generic extension.
      setExtension<DescExtension>(result, extension, content as never);
    }
    return result;
  });
}

const FIELDS = [
  { name: "id", type: FieldDescriptorProto_Type.STRING },
  { name: "nested", type: FieldDescriptorProto_Type.MESSAGE, typeName: "Nested" },
  { name: "list", type: FieldDescriptorProto_Type.INT32, label: FieldDescriptorProto_Label.REPEATED },
  { name: "secret", type: FieldDescriptorProto_Type.BYTES, redacted: true },
  { name: "code", type: FieldDescriptorProto_Type.ENUM, typeName: "FuzzErrorCode" },
];

const KINDS = [
  [false, false],
  [true, false],
  [false, true],
  [true, true],
] as const;

/**
 * A file with a service of all kinds of methods, a message that contains itself, and an enum; with any options.
 *
 * @param density how many of the elements have options: 1 to 9 tenths
 */
export function arbitraryContract(density: number): fc.Arbitrary<DescFile[]> {
  return fc
    .record({
      package: fc.constantFrom("fuzz.v1", "fuzz", "", "v1", "type.v1", "_._"),
      file: options(() => create(FileOptionsSchema), accord.file, density),
      service: options(() => create(ServiceOptionsSchema), accord.service, density),
      methods: fc.tuple(...KINDS.map(() => options(() => create(MethodOptionsSchema), accord.method, density))),
      idempotency: fc.constantFrom(
        MethodOptions_IdempotencyLevel.IDEMPOTENCY_UNKNOWN,
        MethodOptions_IdempotencyLevel.IDEMPOTENT,
      ),
      fields: fc.tuple(...FIELDS.map(() => options(() => create(FieldOptionsSchema), accord.field, density))),
      catalog: options(() => create(EnumOptionsSchema), accord.errors, density),
      errors: fc.array(
        options(() => create(EnumValueOptionsSchema), accord.error, density),
        { minLength: 1, maxLength: 4 },
      ),
    })
    .map((drawn) => {
      const prefix = drawn.package === "" ? "." : `.${drawn.package}.`;
      const proto = create(FileDescriptorProtoSchema, {
        name: "fuzz/v1/fuzz.proto",
        package: drawn.package,
        syntax: "proto3",
        options: drawn.file,
        service: [
          {
            name: "FuzzService",
            options: drawn.service,
            method: drawn.methods.map((methodOptions, index) => {
              const [clientStreaming, serverStreaming] = KINDS[index] ?? [false, false];
              methodOptions.idempotencyLevel = drawn.idempotency;
              return {
                name: `Method${index}`,
                inputType: `${prefix}Nested`,
                outputType: `${prefix}Nested`,
                clientStreaming,
                serverStreaming,
                options: methodOptions,
              };
            }),
          },
        ],
        messageType: [
          {
            name: "Nested",
            field: FIELDS.map(({ name, type, typeName, label, redacted }, index) => {
              const fieldOptions = drawn.fields[index] ?? create(FieldOptionsSchema);
              if (redacted) {
                fieldOptions.debugRedact = true;
              }
              return {
                name,
                jsonName: name,
                number: index + 1,
                type,
                label: label ?? FieldDescriptorProto_Label.OPTIONAL,
                ...(typeName === undefined ? {} : { typeName: prefix + typeName }),
                options: fieldOptions,
              };
            }),
          },
        ],
        enumType: [
          {
            name: "FuzzErrorCode",
            options: drawn.catalog,
            value: drawn.errors.map((errorOptions, index) => ({
              name: `FUZZ_ERROR_CODE_${["ZERO", "ONE", "STALE", "INSUFFICIENT_FUNDS"][index]}`,
              number: index,
              options: errorOptions,
            })),
          },
        ],
      });
      // As a compiler hands it over.
      const bytes = toBinary(FileDescriptorSetSchema, create(FileDescriptorSetSchema, { file: [proto] }));
      return [...createFileRegistry(fromBinary(FileDescriptorSetSchema, bytes)).files];
    });
}
