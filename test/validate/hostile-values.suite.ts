import { create, type DescField, type DescMessage, type Message, ScalarType, toBinary } from "@bufbuild/protobuf";
import { AnySchema, isWrapperDesc } from "@bufbuild/protobuf/wkt";
import { createValidator, RuntimeError } from "@bufbuild/protovalidate";
import { beforeAll, describe, expect, it } from "vitest";
import { ContractError, Status } from "../../runtime/src/index.js";
import { refusalOf } from "../../runtime/src/validate/refusal.js";
import { GeneratedValidators } from "./generated-validators.js";

// What no rule may answer with anything but a violation: a caller's values are never a defect of the server's.

let generated: GeneratedValidators;
beforeAll(async () => {
  generated = await GeneratedValidators.generate();
});

class Refused extends ContractError {
  constructor({ field, problem, rule }: { field: string; problem: string; rule: string }, options?: object) {
    const metadata = { field, problem, rule };
    super({ code: "REFUSED", status: Status.INVALID_ARGUMENT, message: problem, metadata }, options);
  }
}

const MESSAGES = [
  ...["Numbers", "Texts", "Lists", "Maps", "Nested", "Presence", "WithCel", "Formats", "WellKnown", "Legacy"],
  ...["Unevaluated", "UnevaluatedCel"],
];

const [INT64, UINT64, INT32, UINT32] = [2n ** 63n, 2n ** 64n, 2 ** 31, 2 ** 32];
const BYTES = [[], [0xff], [0xc3], [0xed, 0xa0, 0x80], Array<number>(70_000).fill(0x61)];
const TEXTS = [
  ...[
    "",
    "\0",
    "\ud800",
    "\udc00a",
    "a\ud83d",
    "\ufeff",
    "\u202e",
    "é".repeat(70_000),
    "::",
    "[",
    "%",
    "@",
    "%%",
    "1.".repeat(999),
  ],
  ...[
    "a".repeat(70_000),
    `${"a.".repeat(40_000)}!`,
    `http://[${":".repeat(999)}`,
    `${"a@".repeat(9_999)}`,
    "%c3%".repeat(999),
  ],
];

function scalars(type: ScalarType): readonly unknown[] {
  switch (type) {
    case ScalarType.STRING:
      return TEXTS;
    case ScalarType.BYTES:
      return BYTES.map((bytes) => Uint8Array.from(bytes));
    case ScalarType.BOOL:
      return [false, true];
    case ScalarType.FLOAT:
      return [
        Number.NaN,
        Number.POSITIVE_INFINITY,
        Number.NEGATIVE_INFINITY,
        -0,
        Math.fround(3.4e38),
        Math.fround(1e-45),
      ];
    case ScalarType.DOUBLE:
      return [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0, Number.MAX_VALUE, Number.MIN_VALUE];
    case ScalarType.INT64:
    case ScalarType.SINT64:
    case ScalarType.SFIXED64:
      return [-INT64, INT64 - 1n, 0n];
    case ScalarType.UINT64:
    case ScalarType.FIXED64:
      return [UINT64 - 1n, 0n];
    case ScalarType.UINT32:
    case ScalarType.FIXED32:
      return [UINT32 - 1, 0];
    default:
      return [-INT32, INT32 - 1, 0];
  }
}

/** Out of the range that Duration and Timestamp have, with nanoseconds of the other sign, and more than a second of them. */
const TIMES = [-INT64, INT64 - 1n, 0n, 315_576_000_001n, -62_135_596_801n].flatMap((seconds) =>
  [-INT32, INT32 - 1, -1, 0].map((nanos) => ({ seconds, nanos })),
);

function messages(desc: DescMessage, depth: number): readonly unknown[] {
  switch (desc.typeName) {
    case "google.protobuf.Duration":
    case "google.protobuf.Timestamp":
      return TIMES;
    case "google.protobuf.Any":
      return ["", "a", "type.googleapis.com/acme.v1.Unknown", "/", `${"x".repeat(70_000)}/a`].map((typeUrl) => ({
        typeUrl,
        value: toBinary(AnySchema, create(AnySchema, { typeUrl: "broken", value: Uint8Array.of(0xff) })).subarray(1),
      }));
    case "google.protobuf.FieldMask":
      return [[], [""], ["."], ["a..b"], Array<string>(5_000).fill("a.b.c"), ["\ud800"]].map((paths) => ({ paths }));
    default:
      return depth > 2 ? [{}] : [{}, ...desc.fields.flatMap((field) => initsOf(field, depth + 1).slice(0, 4))];
  }
}

function values(field: DescField, depth: number): readonly unknown[] {
  if (field.message !== undefined) {
    const wrapped = isWrapperDesc(field.message) ? field.message.fields[0]?.scalar : undefined;
    const isUnwrapped = field.fieldKind === "message" && field.oneof === undefined;
    return wrapped === undefined
      ? messages(field.message, depth)
      : scalars(wrapped).map((value) => (isUnwrapped ? value : { value }));
  }
  if (field.enum !== undefined) {
    return field.enum.open ? [-INT32, INT32 - 1, -1] : [field.enum.values.at(-1)?.number ?? 0];
  }
  const numbers = scalars(field.scalar ?? ScalarType.INT32);
  return "longAsString" in field && field.longAsString ? numbers.map(String) : numbers;
}

/** Messages of which only this field is there. */
function initsOf(field: DescField, depth = 0): readonly object[] {
  const each = values(field, depth);
  switch (field.fieldKind) {
    case "list":
      return [[], ...each.map((value) => [value]), each, [...each, ...each]].map((list) => ({
        [field.localName]: list,
      }));
    case "map": {
      const keys = scalars(field.mapKey).map(String);
      const maps = each.map((value, index) => ({ [keys[index % keys.length] ?? ""]: value }));
      return [{}, ...maps, Object.fromEntries(keys.map((key) => [key, each[0]]))].map((map) => ({
        [field.localName]: map,
      }));
    }
    default:
      return each.map((value) =>
        field.oneof === undefined
          ? { [field.localName]: value }
          : { [field.oneof.localName]: { case: field.localName, value } },
      );
  }
}

function found(name: string): { readonly desc: DescMessage; readonly validate: (message: Message) => unknown } {
  const desc = generated.registry.getMessage(`rules.v1.${name}`);
  if (desc === undefined) {
    throw new Error(`There is no rules.v1.${name}`);
  }
  return { desc, validate: generated.find(`${desc.file.name}_validate`, `validate${name}`) };
}

describe("hostile values", () => {
  it.each(MESSAGES)("of %s are refused or pass, and are no defect", (name) => {
    const { desc, validate } = found(name);
    const validator = createValidator();
    const inits = [{}, ...desc.fields.flatMap((field) => initsOf(field))];
    const refused = inits.filter((init) => {
      const message = create(desc, init as never);
      const error = refusalOf(message, validate as never, { exception: Refused as never });
      const result = validator.validate(desc, message);
      // What protovalidate can't evaluate isn't proven, and so refused.
      expect([result.error === undefined, init]).toEqual([error === undefined, init]);
      expect(result.error instanceof RuntimeError).toBe(error?.cause !== undefined);
      return error !== undefined;
    });
    expect(refused.length).toBeGreaterThan(0);
  });

  it("are told of where the rule is known, and without a value where it isn't", () => {
    const refuse = (name: string, init: object) => {
      const { desc, validate } = found(name);
      return refusalOf(create(desc, init as never), validate as never, { exception: Refused as never });
    };
    const { metadata: ofBytes } = refuse("Unevaluated", { parts: [Uint8Array.of(0xff)] }) ?? {};
    expect(ofBytes).toMatchObject({ rule: "bytes.pattern", problem: "must be valid UTF-8 to apply regexp" });
    const { metadata: ofCel } = refuse("UnevaluatedCel", { a: 1, b: 0 }) ?? {};
    expect(ofCel).toMatchObject({ rule: "accord.unevaluated", problem: "a rule can't be evaluated for these values" });
  });
});
