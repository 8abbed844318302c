import type { DescEnum, DescField, DescMessage, DescOneof } from "@bufbuild/protobuf";

/** How a kind of message is checked by the rules of its proto. */
export type Validation =
  /** Nothing in it, nor in what it holds, has a rule. */
  | "none"
  /** By generated code. */
  | "static"
  /** By `@bufbuild/protovalidate`: some rule that it reaches is written in CEL, or isn't one that generated code knows. */
  | "interpreted";

/** What generated code checks of a message. */
export interface MessageChecks {
  readonly message: DescMessage;
  /** In the order of the fields' declaration. */
  readonly fields: readonly FieldChecks[];
  /** The oneofs of which a field must be set. */
  readonly requiredOneofs: readonly DescOneof[];
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
  readonly rules: readonly RuleCheck[];
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
export type Measure = "value" | "codePoints" | "utf8Bytes" | "length" | "entryCount";

/** When a rule is broken. */
export type Condition =
  | {
      readonly kind: "compare";
      readonly measure: Measure;
      readonly operator: "!==" | "<" | ">";
      readonly bound: number | Literal;
    }
  /** All of them must hold, or one: `v > 1 && v < 5`. What is no number holds none. */
  | { readonly kind: "outside"; readonly bounds: readonly Bound[]; readonly joined: "&&" | "||" }
  | { readonly kind: "listed"; readonly values: readonly Literal[]; readonly not: boolean }
  | {
      readonly kind: "text";
      readonly method: "startsWith" | "endsWith" | "includes";
      readonly text: string;
      readonly not: boolean;
    }
  | { readonly kind: "pattern"; readonly pattern: string }
  | { readonly kind: "format"; readonly test: FormatTest }
  | { readonly kind: "empty" }
  | { readonly kind: "infinite" }
  | { readonly kind: "repeats" }
  | { readonly kind: "undefined"; readonly enum: DescEnum };

export interface Bound {
  readonly operator: ">" | ">=" | "<" | "<=";
  readonly value: number | bigint;
}

/** What the runtime tests of texts. */
export type FormatTest = "isEmail" | "isHostname" | "isUuid" | "isTrimmedUuid" | "isUlid" | "isProtobufName";
