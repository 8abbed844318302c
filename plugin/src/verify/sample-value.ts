import { type DescEnum, type DescField, ScalarType } from "@bufbuild/protobuf";
import type { FormatTest, RuleCheck } from "../model/validation.js";
import { isBroken, type RuleValue } from "./rule-evaluation.js";

/** A scalar's or an enum's value. */
export type SampleValue = string | number | bigint | boolean | Uint8Array;

/** The values to choose from for a field, the most plausible first. What rules name comes before what is tried always. */
export function candidates(field: DescField, rules: readonly RuleCheck[]): SampleValue[] {
  if (field.enum !== undefined) {
    return enumCandidates(field.enum);
  }
  switch (field.scalar) {
    case ScalarType.STRING:
      return [...fromRules(rules).filter((value) => typeof value === "string"), ...texts(rules)];
    case ScalarType.BYTES:
      return [1, 0, 4, 16, 20, 32, 64, 1000].map((length) => new Uint8Array(length).fill(7));
    case ScalarType.BOOL:
      return [true, false];
    case ScalarType.INT64:
    case ScalarType.SINT64:
    case ScalarType.SFIXED64:
    case ScalarType.UINT64:
    case ScalarType.FIXED64:
      return numbers(rules, isUnsigned(field.scalar)).map((value) => BigInt(Math.trunc(value)));
    case ScalarType.DOUBLE:
    case ScalarType.FLOAT:
      return numbers(rules, false);
    default:
      return numbers(rules, isUnsigned(field.scalar))
        .map(Math.trunc)
        .filter((value) => Math.abs(value) < 2 ** 31);
  }
}

/** The first candidate that breaks no rule, as far as that can be told. */
export function lawfulValue(values: readonly SampleValue[], rules: readonly RuleCheck[]): SampleValue | undefined {
  return values.find((value) => !breaksOne(value, rules));
}

/** A candidate that surely breaks a rule. */
export function unlawfulValue(
  values: readonly SampleValue[],
  { brokenIf }: RuleCheck,
  zeroIsUnchecked: boolean,
): SampleValue | undefined {
  return values.find((value) => isBroken(brokenIf, value) === true && !(zeroIsUnchecked && isZero(value)));
}

/** Whether a value surely breaks one of the rules. */
export function breaksOne(value: RuleValue, rules: readonly RuleCheck[]): boolean {
  return rules.some(({ brokenIf }) => isBroken(brokenIf, value) === true);
}

function isZero(value: SampleValue): boolean {
  return value instanceof Uint8Array ? value.length === 0 : value === "" || Number(value) === 0 || value === false;
}

function enumCandidates({ values }: DescEnum): number[] {
  const numbers = values.map(({ number }) => number);
  return [...numbers.filter((number) => number !== 0), 0, Math.max(...numbers) + 1000];
}

function isUnsigned(scalar: ScalarType | undefined): boolean {
  return (
    scalar === ScalarType.UINT32 ||
    scalar === ScalarType.UINT64 ||
    scalar === ScalarType.FIXED32 ||
    scalar === ScalarType.FIXED64
  );
}

function numbers(rules: readonly RuleCheck[], unsigned: boolean): number[] {
  const named = fromRules(rules).flatMap((value) => (typeof value === "string" ? [] : [Number(value)]));
  const around = named.flatMap((value) => [value, value + 1, value - 1]);
  return [1, ...around, 2, 10, 100, 0, -1].filter((value) => Number.isFinite(value) && !(unsigned && value < 0));
}

/** The values that rules compare with, or list. */
function fromRules(rules: readonly RuleCheck[]): (string | number | bigint)[] {
  return rules.flatMap(({ brokenIf }) => {
    switch (brokenIf.kind) {
      case "compare":
        return brokenIf.measure === "value" && typeof brokenIf.bound !== "boolean" ? [brokenIf.bound] : [];
      case "outside":
        return brokenIf.bounds.map(({ value }) => value);
      case "listed":
        return brokenIf.values.filter((value) => typeof value !== "boolean");
      default:
        return [];
    }
  });
}

const PLAIN = [
  "accord-verify",
  "a",
  "AAA",
  "A1",
  "1",
  "12345678",
  "EUR",
  "accord.verify",
  "accord_verify",
  "2026-01-02",
];

/** What each format's example is. */
const FORMAT_EXAMPLES: Readonly<Record<FormatTest, string>> = {
  isEmail: "accord@example.com",
  isHostname: "accord.example.com",
  isIp: "192.0.2.1",
  isIpv4: "192.0.2.1",
  isIpv6: "2001:db8::1",
  isUri: "https://example.com/accord",
  isUriReference: "/accord",
  isAddress: "accord.example.com",
  isUuid: "0190d9c2-7c5a-7000-8000-000000000001",
  isTrimmedUuid: "0190d9c27c5a70008000000000000001",
  isIpWithPrefix: "192.0.2.1/24",
  isIpv4WithPrefix: "192.0.2.1/24",
  isIpv6WithPrefix: "2001:db8::1/64",
  isIpPrefix: "192.0.2.0/24",
  isIpv4Prefix: "192.0.2.0/24",
  isIpv6Prefix: "2001:db8::/64",
  isHostAndPort: "accord.example.com:443",
  isUlid: "01ARZ3NDEKTSV4RRFFQ69G5FAV",
  isProtobufName: "accord.Verify",
  isDottedProtobufName: ".accord.Verify",
  isHeaderName: "accord-verify",
  isLooseHeaderName: "accord-verify",
  isHeaderValue: "accord",
  isLooseHeaderValue: "accord",
};

function texts(rules: readonly RuleCheck[]): string[] {
  const parts = rules.flatMap(({ brokenIf }) => (brokenIf.kind === "text" && brokenIf.not ? [brokenIf] : []));
  const prefix = parts.find(({ method }) => method === "startsWith")?.text ?? "";
  const within = parts.find(({ method }) => method === "includes")?.text ?? "";
  const suffix = parts.find(({ method }) => method === "endsWith")?.text ?? "";
  const formats = rules.flatMap(({ brokenIf }) => (brokenIf.kind === "format" ? [FORMAT_EXAMPLES[brokenIf.test]] : []));
  const lengths = rules.flatMap(({ brokenIf }) =>
    brokenIf.kind === "compare" && (brokenIf.measure === "codePoints" || brokenIf.measure === "utf8Bytes")
      ? [Number(brokenIf.bound), Number(brokenIf.bound) + 1].filter((length) => length <= MAX_TEXT)
      : [],
  );
  const filled = lengths.flatMap((length) =>
    ["a", "A", "1"].map((letter) => letter.repeat(Math.max(0, length - prefix.length - within.length - suffix.length))),
  );
  const plain = [...PLAIN, ...filled, ""].map((middle) => prefix + middle + within + suffix);
  return [...formats, ...plain, ...Object.values(FORMAT_EXAMPLES), ...PLAIN, ...filled, ""];
}

/** Rules may allow more; nobody learns from longer texts. */
const MAX_TEXT = 10_000;
