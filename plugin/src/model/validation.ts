import type { DescEnum, DescField, DescMessage, DescOneof } from "@bufbuild/protobuf";

/** How a kind of message is checked by the rules of its proto. */
export type Validation =
  /** Nothing in it, nor in what it holds, has a rule. */
  | "none"
  /** By generated code. */
  | "static"
  /** By `@bufbuild/protovalidate`, with all that it holds: one of its rules is written in CEL, or isn't one that generated code knows. */
  | "interpreted";

/** How the value that rules are about is got from a field, an element or a key. */
export type Reading =
  | "itself"
  /** An enum's value as a number: of one that was compared, TypeScript says that it can't be what it isn't. */
  | "enumNumber"
  /** Of a wrapper that protobuf-es doesn't unwrap: in lists, maps and oneofs. */
  | "unwrapped"
  /** A 64-bit number that is text; a map's key that is text. */
  | "bigint"
  | "number"
  | "boolean";

/** What generated code checks of a message. */
export interface MessageChecks {
  readonly message: DescMessage;
  /** In the order of the fields' declaration. */
  readonly fields: readonly FieldChecks[];
  /** Fields of which no more than one may be set. */
  readonly exclusive: readonly ExclusiveFields[];
  /** The oneofs of which a field must be set. */
  readonly requiredOneofs: readonly DescOneof[];
}

/** A `message.oneof` rule. */
export interface ExclusiveFields {
  readonly fields: readonly DescField[];
  readonly required: boolean;
}

export interface FieldChecks {
  readonly field: DescField;
  readonly required: boolean;
  /** Whether the rest is checked only if the field is set. */
  readonly onlyIfSet: boolean;
  readonly value: ValueChecks;
}

/** What is checked of a value. */
export interface ValueChecks {
  readonly reading: Reading;
  readonly rules: readonly RuleCheck[];
  /** An element or a key for which this holds isn't checked. */
  readonly unless?: Condition | undefined;
  /** The message that it is, if that has checks of its own. */
  readonly message?: DescMessage | undefined;
  /** What is checked of each element of a list, or of each value of a map. */
  readonly elements?: ValueChecks | undefined;
  /** What is checked of each key of a map. */
  readonly keys?: ValueChecks | undefined;
}

/** One rule, as it is checked. */
export interface RuleCheck {
  /** `string.min_len` */
  readonly id: string;
  /** From `buf.validate.FieldRules`, a field at a time. */
  readonly path: readonly DescField[];
  readonly message: string;
  readonly brokenIf: Condition;
}

export type Literal = string | number | bigint | boolean;

/** What of a value is compared. */
export type Measure = "value" | "codePoints" | "utf8Bytes" | "length" | "entryCount" | "typeUrl";

/** A `google.protobuf.Duration` or `google.protobuf.Timestamp`. */
export interface Time {
  readonly seconds: bigint;
  readonly nanos: number;
}

/** When a rule is broken. */
export type Condition =
  | {
      readonly kind: "compare";
      readonly measure: Measure;
      readonly operator: "===" | "!==" | "<" | ">";
      readonly bound: number | Literal;
    }
  /** All of them must hold, or one: `v > 1 && v < 5`. What is no number holds none. */
  | { readonly kind: "outside"; readonly bounds: readonly Bound[]; readonly joined: "&&" | "||" }
  | { readonly kind: "listed"; readonly measure: Measure; readonly values: readonly Literal[]; readonly not: boolean }
  | {
      readonly kind: "text";
      readonly method: "startsWith" | "endsWith" | "includes";
      readonly text: string;
      readonly not: boolean;
    }
  /** The value is bytes whose text must match, or text. */
  | { readonly kind: "pattern"; readonly pattern: string; readonly bytes: boolean }
  | { readonly kind: "format"; readonly test: FormatTest; readonly emptyIsApart: boolean }
  | { readonly kind: "bytes"; readonly test: BytesTest; readonly bytes: Uint8Array; readonly not: boolean }
  | { readonly kind: "listedBytes"; readonly values: readonly Uint8Array[]; readonly not: boolean }
  | { readonly kind: "otherSize"; readonly sizes: readonly number[] }
  /** Times with which the value must compare: all, or one. */
  | {
      readonly kind: "time";
      readonly bounds: readonly TimeBound[];
      readonly joined: "&&" | "||";
      readonly not: boolean;
    }
  | { readonly kind: "now"; readonly operator: ">" | "<" }
  | { readonly kind: "farFromNow"; readonly within: Time }
  | { readonly kind: "paths"; readonly test: PathsTest; readonly paths: readonly string[] }
  | { readonly kind: "infinite" }
  | { readonly kind: "repeats"; readonly of: "bytes" | "numbers" | "others" }
  | { readonly kind: "undefined"; readonly enum: DescEnum };

export interface Bound {
  readonly operator: ">" | ">=" | "<" | "<=";
  readonly value: number | bigint;
}

export interface TimeBound {
  readonly operator: ">" | ">=" | "<" | "<=" | "===";
  readonly value: Time;
}

/** What the runtime tests of bytes: with others, how they begin, end, what they contain. */
export type BytesTest = "isSameBytes" | "bytesStartWith" | "bytesEndWith" | "bytesContain";

/** What the runtime tests of the paths of a field mask. */
export type PathsTest = "areSamePaths" | "isMaskWithin" | "isMaskWithout";

/** What the runtime tests of texts. */
export type FormatTest =
  | "isEmail"
  | "isHostname"
  | "isIp"
  | "isIpv4"
  | "isIpv6"
  | "isUri"
  | "isUriReference"
  | "isAddress"
  | "isUuid"
  | "isTrimmedUuid"
  | "isIpWithPrefix"
  | "isIpv4WithPrefix"
  | "isIpv6WithPrefix"
  | "isIpPrefix"
  | "isIpv4Prefix"
  | "isIpv6Prefix"
  | "isHostAndPort"
  | "isUlid"
  | "isProtobufName"
  | "isDottedProtobufName"
  | "isHeaderName"
  | "isLooseHeaderName"
  | "isHeaderValue"
  | "isLooseHeaderValue";
