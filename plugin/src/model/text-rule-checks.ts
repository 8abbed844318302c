import type { RuleSet } from "./rule-set.js";
import { safePattern } from "./safe-pattern.js";
import { listChecks, sizeCheck } from "./shared-rule-checks.js";
import type { BytesTest, Condition, FormatTest, Literal, RuleCheck } from "./validation.js";

/** The checks of `buf.validate.StringRules`. */
export function textChecks(rules: RuleSet): readonly RuleCheck[] {
  return [
    ...rules.given("const", (value) => [
      `must equal \`${value}\``,
      { kind: "compare", measure: "value", operator: "!==", bound: value as Literal },
    ]),
    ...sizeCheck(rules, "len", "codePoints", "!==", (size) => `must be ${size} characters`),
    ...sizeCheck(rules, "min_len", "codePoints", "<", (size) => `must be at least ${size} characters`),
    ...sizeCheck(rules, "max_len", "codePoints", ">", (size) => `must be at most ${size} characters`),
    ...sizeCheck(rules, "len_bytes", "utf8Bytes", "!==", (size) => `must be ${size} bytes`),
    ...sizeCheck(rules, "min_bytes", "utf8Bytes", "<", (size) => `must be at least ${size} bytes`),
    ...sizeCheck(rules, "max_bytes", "utf8Bytes", ">", (size) => `must be at most ${size} bytes`),
    ...rules.given("pattern", (value) => [
      `does not match regex pattern \`${value}\``,
      { kind: "pattern", pattern: safePattern(String(value)), bytes: false },
    ]),
    ...rules.given("prefix", (value) => [`does not have prefix \`${value}\``, textual("startsWith", value, true)]),
    ...rules.given("suffix", (value) => [`does not have suffix \`${value}\``, textual("endsWith", value, true)]),
    ...rules.given("contains", (value) => [
      `does not contain substring \`${value}\``,
      textual("includes", value, true),
    ]),
    ...rules.given("not_contains", (value) => [`contains substring \`${value}\``, textual("includes", value, false)]),
    ...listChecks(rules),
    // Of these, one can be given.
    ...Object.entries(FORMATS).flatMap(([name, [test, what, ofEmpty = what]]) =>
      rules.get(name) === true ? formatChecks(rules, name, test, [what, ofEmpty]) : [],
    ),
    ...headerChecks(rules),
  ];
}

function textual(method: "startsWith" | "endsWith" | "includes", text: unknown, not: boolean): Condition {
  return { kind: "text", method, text: String(text), not };
}

/** What tests a format, what it is called, and what an empty text isn't, where that is called otherwise. */
const FORMATS: Readonly<Record<string, readonly [test: FormatTest, what: string, ofEmpty?: string]>> = {
  email: ["isEmail", "a valid email address"],
  hostname: ["isHostname", "a valid hostname"],
  ip: ["isIp", "a valid IP address"],
  ipv4: ["isIpv4", "a valid IPv4 address"],
  ipv6: ["isIpv6", "a valid IPv6 address"],
  uri: ["isUri", "a valid URI"],
  uri_ref: ["isUriReference", "a valid URI Reference"],
  address: ["isAddress", "a valid hostname, or ip address"],
  uuid: ["isUuid", "a valid UUID"],
  tuuid: ["isTrimmedUuid", "a valid trimmed UUID"],
  ip_with_prefixlen: ["isIpWithPrefix", "a valid IP prefix"],
  ipv4_with_prefixlen: ["isIpv4WithPrefix", "a valid IPv4 address with prefix length"],
  ipv6_with_prefixlen: ["isIpv6WithPrefix", "a valid IPv6 address with prefix length"],
  ip_prefix: ["isIpPrefix", "a valid IP prefix"],
  ipv4_prefix: ["isIpv4Prefix", "a valid IPv4 prefix"],
  ipv6_prefix: ["isIpv6Prefix", "a valid IPv6 prefix"],
  host_and_port: ["isHostAndPort", "a valid host (hostname or IP address) and port pair", "a valid host and port pair"],
  ulid: ["isUlid", "a valid ULID"],
  protobuf_fqn: ["isProtobufName", "a valid fully-qualified Protobuf name"],
  protobuf_dot_fqn: ["isDottedProtobufName", "a valid fully-qualified Protobuf name with a leading dot"],
};

const EMPTY: Condition = { kind: "compare", measure: "value", operator: "===", bound: "" };

function formatChecks(
  rules: RuleSet,
  name: string,
  test: FormatTest,
  [what, ofEmpty]: readonly [what: string, ofEmpty: string],
): readonly RuleCheck[] {
  // A reference may be empty.
  const emptyIsApart = test !== "isUriReference";
  const empty = ruleOfEmpty(rules, name, ofEmpty, EMPTY);
  return [
    ...(emptyIsApart ? empty : []),
    ...rules.check(name, `must be ${what}`, { kind: "format", test, emptyIsApart }),
  ];
}

function ruleOfEmpty(rules: RuleSet, name: string, what: string, brokenIf: Condition, id = name): readonly RuleCheck[] {
  return rules.check(name, `value is empty, which is not ${what}`, brokenIf, `${id}_empty`);
}

// buf.validate.KnownRegex
const [HEADER_NAME, HEADER_VALUE] = [1, 2];

function headerChecks(rules: RuleSet): readonly RuleCheck[] {
  const name = "well_known_regex";
  const isStrict = rules.get("strict") !== false;
  switch (rules.get(name)) {
    case HEADER_NAME: {
      const test = isStrict ? "isHeaderName" : "isLooseHeaderName";
      const id = `${name}.header_name`;
      return [
        ...ruleOfEmpty(rules, name, "a valid HTTP header name", EMPTY, id),
        ...rules.check(name, "must be a valid HTTP header name", { kind: "format", test, emptyIsApart: true }, id),
      ];
    }
    case HEADER_VALUE: {
      const test = isStrict ? "isHeaderValue" : "isLooseHeaderValue";
      const brokenIf: Condition = { kind: "format", test, emptyIsApart: false };
      return rules.check(name, "must be a valid HTTP header value", brokenIf, `${name}.header_value`);
    }
    default:
      return [];
  }
}

/** The checks of `buf.validate.BytesRules`. */
export function bytesChecks(rules: RuleSet): readonly RuleCheck[] {
  const compared = (test: BytesTest, bytes: unknown): Condition => ({
    kind: "bytes",
    test,
    bytes: bytes as Uint8Array,
    not: true,
  });
  const listed = (name: string, not: boolean): Condition => ({
    kind: "listedBytes",
    values: rules.list(name) as readonly Uint8Array[],
    not,
  });
  return [
    ...rules.given("const", (value) => [`must be ${hex(value)}`, compared("isSameBytes", value)]),
    ...sizeCheck(rules, "len", "length", "!==", (size) => `must be ${size} bytes`),
    ...sizeCheck(rules, "min_len", "length", "<", (size) => `must be at least ${size} bytes`),
    ...sizeCheck(rules, "max_len", "length", ">", (size) => `must be at most ${size} bytes`),
    ...rules.given("pattern", (value) => [
      `must match regex pattern \`${value}\``,
      { kind: "pattern", pattern: safePattern(String(value)), bytes: true },
    ]),
    ...rules.given("prefix", (value) => [`does not have prefix ${hex(value)}`, compared("bytesStartWith", value)]),
    ...rules.given("suffix", (value) => [`does not have suffix ${hex(value)}`, compared("bytesEndWith", value)]),
    ...rules.given("contains", (value) => [`does not contain ${hex(value)}`, compared("bytesContain", value)]),
    ...rules.given("in", () => [`must be in list ${shown(rules.list("in"))}`, listed("in", true)]),
    ...rules.given("not_in", () => [`must not be in list ${shown(rules.list("not_in"))}`, listed("not_in", false)]),
    ...Object.entries(SIZES).flatMap(([name, [sizes, what]]) =>
      rules.get(name) === true
        ? [
            ...ruleOfEmpty(rules, name, what, { kind: "compare", measure: "length", operator: "===", bound: 0 }),
            ...rules.check(name, `must be ${what}`, { kind: "otherSize", sizes: [0, ...sizes] }),
          ]
        : [],
    ),
  ];
}

const SIZES: Readonly<Record<string, readonly [readonly number[], string]>> = {
  ip: [[4, 16], "a valid IP address"],
  ipv4: [[4], "a valid IPv4 address"],
  ipv6: [[16], "a valid IPv6 address"],
  uuid: [[16], "a valid UUID"],
};

function hex(bytes: unknown): string {
  return Buffer.from(bytes as Uint8Array).toString("hex");
}

/** Bytes of a list are told as text, even if they aren't any. */
function shown(list: readonly unknown[]): string {
  return `[${list.map((bytes) => new TextDecoder().decode(bytes as Uint8Array)).join(", ")}]`;
}
