import { create, type DescField, type DescMessage, type Message, ScalarType } from "@bufbuild/protobuf";
import { isWrapperDesc } from "@bufbuild/protobuf/wkt";
import fc from "fast-check";

// Values around the bounds of rules.proto, where rules are kept as often as they are broken.

const TEXTS = [
  ...["", "a", "ab", "abc", "abcd", "abcde", "😀", "é", "USD", "AB", "AB12", "AB12x", "x", "y`", "z", "yes"],
  ...['a"bmz', 'a"bqmz', "a@b.co", "a@", "host.example", "-host", "1.2", "pkg.Name", "1pkg", "::1", "\ud800"],
  ...["01234567-89ab-cdef-0123-456789abcdef", "0123456789abcdef0123456789abcdef", "01ARZ3NDEKTSV4RRFFQ69G5FAV"],
];
const DOUBLES = [
  0,
  -0,
  1,
  1.5,
  2,
  3,
  3.5,
  10,
  -10,
  11,
  -11,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
];

/** Texts that are almost addresses, names of hosts, URIs: of their parts, in any order. */
const ALMOST_ADDRESSES = fc.string({
  unit: fc.constantFrom(
    ...["0", "1", "25", "255", "256", "a", "f", "ffff", "example", "com", "x-", "-", "_", "~", "!", " "],
    ...[
      ".",
      ".",
      ":",
      ":",
      "::",
      "/",
      "/",
      "//",
      "?",
      "#",
      "@",
      "%",
      "%41",
      "%25",
      "%zz",
      "[",
      "]",
      "v1.",
      "8080",
      "é",
    ],
    ...["192.168.0.1", "10.0.0.0/8", "::1", "2001:db8::", "/64", "http:", "http://", "host.example", "user@", "\u0000"],
  ),
  maxLength: 7,
});

function scalar(type: ScalarType): fc.Arbitrary<unknown> {
  switch (type) {
    case ScalarType.STRING:
      return fc.oneof(fc.constantFrom(...TEXTS), ALMOST_ADDRESSES);
    case ScalarType.BYTES:
      return fc.uint8Array({ maxLength: 4, max: 4 });
    case ScalarType.BOOL:
      return fc.boolean();
    case ScalarType.FLOAT:
    case ScalarType.DOUBLE:
      return fc.constantFrom(...DOUBLES);
    case ScalarType.INT64:
    case ScalarType.SINT64:
    case ScalarType.SFIXED64:
      return fc.bigInt({ min: -7n, max: 11n });
    case ScalarType.UINT64:
    case ScalarType.FIXED64:
      return fc.bigInt({ min: 0n, max: 11n });
    case ScalarType.UINT32:
    case ScalarType.FIXED32:
      return fc.oneof(fc.integer({ min: 0, max: 11 }), fc.integer({ min: 98, max: 103 }));
    default:
      return fc.integer({ min: -3, max: 12 });
  }
}

function single(field: DescField, depth: number): fc.Arbitrary<unknown> {
  if (field.message !== undefined) {
    // protobuf-es has what is wrapped, where a wrapper is a field of its own.
    const wrapped = isWrapperDesc(field.message) ? field.message.fields[0]?.scalar : undefined;
    return wrapped !== undefined && field.fieldKind === "message" && field.oneof === undefined
      ? scalar(wrapped)
      : messageOf(field.message, depth + 1);
  }
  if (field.enum !== undefined) {
    return fc.integer({ min: 0, max: 4 });
  }
  const values = scalar(field.scalar ?? ScalarType.INT32);
  return "longAsString" in field && field.longAsString ? values.map(String) : values;
}

function fieldOf(field: DescField, depth: number): fc.Arbitrary<unknown> {
  if (field.fieldKind === "list") {
    return fc.array(single(field, depth), { maxLength: 4 });
  }
  if (field.fieldKind !== "map") {
    return single(field, depth);
  }
  return fc.dictionary(scalar(field.mapKey).map(String), single(field, depth), { maxKeys: 3, noNullPrototype: true });
}

/** Messages of a type, each field of which is there or not. */
export function messageOf(desc: DescMessage, depth = 0): fc.Arbitrary<Message> {
  const members = desc.members.flatMap((member) => {
    if (member.kind === "oneof") {
      const cases = member.fields.map((field) =>
        single(field, depth).map((value) => ({ case: field.localName, value })),
      );
      return [[member.localName, fc.option(fc.oneof(...cases), { nil: undefined })] as const];
    }
    return member.message !== undefined && depth > 2 ? [] : [[member.localName, fieldOf(member, depth)] as const];
  });
  return fc
    .record(Object.fromEntries(members), { requiredKeys: [] })
    .map((init) => create(desc, Object.fromEntries(Object.entries(init).filter(([, value]) => value !== undefined))));
}
