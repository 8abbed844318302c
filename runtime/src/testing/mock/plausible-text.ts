import type { ValueRules } from "./field-rules.js";
import { hexDigits, type Random, uuidOf } from "./random.js";
import { textOfPattern } from "./text-of-pattern.js";

const FIRST_NAMES = ["Ada", "Grace", "Alan", "Barbara", "Edsger", "Frances", "Ken", "Radia"] as const;
const LAST_NAMES = ["Lovelace", "Hopper", "Turing", "Liskov", "Allen", "Perlman", "Kay", "Hamilton"] as const;
const CITIES = ["Bern", "Berlin", "Lyon", "Porto", "Turin", "Utrecht"] as const;
const STREETS = ["Station Road", "Mill Lane", "High Street", "Park Avenue"] as const;
const WORDS = ["amber", "birch", "cedar", "delta", "ember", "fjord", "grove", "harbor", "iris", "juniper"] as const;

type MakeText = (random: Random, subject: string) => string;

// What a field's name says of its text, the first that fits. Longer names come before what they end with.
const BY_NAME: readonly (readonly [RegExp, MakeText])[] = [
  [
    /(^|_)e?mail(_address)?$/,
    (random) => `${random.pick(FIRST_NAMES).toLowerCase()}${random.between(1, 99)}@example.com`,
  ],
  [/(^|_)(uuid|guid)$/, uuidOf],
  [/(^|_)iban$/, ibanOf],
  [/(^|_)bic$/, (random) => `${random.pick(["DEUT", "COBA", "UBSW"])}DEFF`],
  [/(^|_)currency(_code)?$/, (random) => random.pick(["EUR", "USD", "CHF", "GBP"])],
  [/(^|_)country(_code)?$/, (random) => random.pick(["CH", "DE", "FR", "NL", "PT"])],
  [/(^|_)(language|locale|lang)(_code)?$/, (random) => random.pick(["de-CH", "en-GB", "fr-FR"])],
  [/(^|_)time_?zone$/, (random) => random.pick(["Europe/Zurich", "Europe/Berlin", "UTC"])],
  [/(^|_)(first|given)_name$/, (random) => random.pick(FIRST_NAMES)],
  [/(^|_)(last|family|sur)_?name$/, (random) => random.pick(LAST_NAMES)],
  [
    /(^|_)(user|login)_?name$|(^|_)login$/,
    (random) => `${random.pick(FIRST_NAMES).toLowerCase()}${random.between(1, 99)}`,
  ],
  [/(^|_)(file)_?name$/, (random) => `${random.pick(WORDS)}.txt`],
  [/(^|_)(host|domain)(_?name)?$/, (random) => `${random.pick(WORDS)}.example.com`],
  [
    /(holder|full|display|person|customer|owner|author|payer|recipient)_name$|^name$/,
    (random) => `${random.pick(FIRST_NAMES)} ${random.pick(LAST_NAMES)}`,
  ],
  [/(^|_)(owner|author|holder|customer)$/, (random) => `${random.pick(FIRST_NAMES)} ${random.pick(LAST_NAMES)}`],
  [/(^|_)(phone|mobile|fax)(_number)?$/, (random) => `+41${random.between(300_000_000, 799_999_999)}`],
  [/(^|_)(url|uri|link|href|website)$/, (random) => `https://example.com/${random.pick(WORDS)}`],
  [/(^|_)ip(_address|v4)?$/, (random) => `192.0.2.${random.between(1, 254)}`],
  [/(^|_)city$/, (random) => random.pick(CITIES)],
  [/(^|_)(street|address|address_line(_\d)?)$/, (random) => `${random.pick(STREETS)} ${random.between(1, 120)}`],
  [/(^|_)(zip|postal|post)(_?code)?$/, (random) => String(random.between(1_000, 9_999))],
  [/(^|_)(colou?r)$/, (random) => `#${hexDigits(random, 6)}`],
  [/(^|_)(e?tag|hash|digest|checksum|sha256)$/, (random) => hexDigits(random, 16)],
  [/(^|_)(page_token|next_page_token)$/, () => ""],
  [/(^|_)(token|cursor|secret)$/, (random) => hexDigits(random, 24)],
  [/(^|_)(version)$/, (random) => `${random.between(0, 3)}.${random.between(0, 9)}.${random.between(0, 9)}`],
  [/(^|_)(mime|content|media)_type$/, () => "application/json"],
  [/_(time|at)$|(^|_)timestamp$/, (random) => new Date(timeOf(random)).toISOString()],
  [/(^|_)(date|birthday|day)$/, (random) => new Date(timeOf(random)).toISOString().slice(0, 10)],
  [
    /(^|_)(description|memo|text|comment|message|note|summary|body|content|details)$/,
    (random) => `${random.pick(WORDS)} ${random.pick(WORDS)} ${random.pick(WORDS)}`,
  ],
  [/(^|_)(title|subject|label|headline|greeting)$/, (random) => `${capital(random.pick(WORDS))} ${random.pick(WORDS)}`],
  [/(^|_)(status|state)$/, () => "active"],
  [
    /(^|_)(sku|code|number|reference|ref)$/,
    (random) => `${hexDigits(random, 4).toUpperCase()}-${random.between(100, 999)}`,
  ],
  [/^(id|key|handle|slug|resource_?name)$/, (random, subject) => `${subject}-${hexDigits(random, 6)}`],
];

/** When things happened that a mock tells of: in the year before this moment, which never moves. */
const UNTIL_MS = Date.UTC(2026, 0, 1);

/** A moment of that year, in milliseconds since the epoch. */
export function timeOf(random: Random): number {
  return UNTIL_MS - random.between(1, 365 * 86_400) * 1_000;
}

/**
 * Makes a text that a field of this name could have, within its rules.
 *
 * @param name as in the proto: `account_id`
 * @param subject what the field's message is about: `account`
 */
export function plausibleText(name: string, subject: string, rules: ValueRules, random: Random): string {
  if (typeof rules.const === "string") {
    return rules.const;
  }
  const among = rules.in?.filter((value) => typeof value === "string") ?? [];
  if (among.length > 0) {
    return among[random.between(0, among.length - 1)] ?? "";
  }
  const text = formatted(rules, random) ?? byName(name, subject, random);
  return withinLength(`${rules.prefix ?? ""}${text}${rules.contains ?? ""}${rules.suffix ?? ""}`, rules, random);
}

function byName(name: string, subject: string, random: Random): string {
  const snake = name.replace(/([a-z0-9])([A-Z])/g, "$1_$2").toLowerCase();
  for (const [fits, make] of BY_NAME) {
    if (fits.test(snake)) {
      return make(random, subject);
    }
  }
  // account_id → account-3f9a2c; what says nothing is a word of its own name.
  const thing = snake.replace(/_(ids?|key|name|type|kind)$/, "").replaceAll("_", "-");
  return `${thing}-${hexDigits(random, 6)}`;
}

const FORMATS: Readonly<Record<string, MakeText>> = {
  email: (random) => `${random.pick(WORDS)}@example.com`,
  hostname: (random) => `${random.pick(WORDS)}.example.com`,
  address: (random) => `${random.pick(WORDS)}.example.com`,
  ip: (random) => `192.0.2.${random.between(1, 254)}`,
  ipv4: (random) => `192.0.2.${random.between(1, 254)}`,
  ipv6: (random) => `2001:db8::${random.between(1, 9_999)}`,
  ipPrefix: () => "192.0.2.0/24",
  ipv4Prefix: () => "192.0.2.0/24",
  ipv6Prefix: () => "2001:db8::/32",
  ipWithPrefixlen: () => "192.0.2.0/24",
  ipv4WithPrefixlen: () => "192.0.2.0/24",
  ipv6WithPrefixlen: () => "2001:db8::/32",
  uri: (random) => `https://example.com/${random.pick(WORDS)}`,
  uriRef: (random) => `/${random.pick(WORDS)}`,
  uuid: uuidOf,
  tuuid: (random) => uuidOf(random).replaceAll("-", ""),
  ulid: (random) => `01J${hexDigits(random, 23).toUpperCase()}`,
  protobufFqn: (random) => `${random.pick(WORDS)}.v1.${capital(random.pick(WORDS))}`,
  protobufDotFqn: (random) => `.${random.pick(WORDS)}.v1.${capital(random.pick(WORDS))}`,
  headerName: (random) => `x-${random.pick(WORDS)}`,
  headerValue: (random) => random.pick(WORDS),
  hostAndPort: (random) => `${random.pick(WORDS)}.example.com:443`,
};

function formatted({ format, pattern }: ValueRules, random: Random): string | undefined {
  const make = format === undefined ? undefined : FORMATS[format];
  return make?.(random, "") ?? (pattern === undefined ? undefined : textOfPattern(pattern, random));
}

function withinLength(text: string, { minLength = 0, maxLength, pattern }: ValueRules, random: Random): string {
  const isRight = (candidate: string): boolean =>
    [...candidate].length >= minLength && (maxLength === undefined || [...candidate].length <= maxLength);
  if (isRight(text)) {
    return text;
  }
  if (pattern !== undefined) {
    for (let attempt = 0; attempt < 64; attempt += 1) {
      const other = textOfPattern(pattern, random);
      if (other !== undefined && isRight(other)) {
        return other;
      }
    }
    return text;
  }
  const longEnough = `${text}${hexDigits(random, Math.min(4_096, Math.max(0, minLength - [...text].length)))}`;
  return [...longEnough].slice(0, maxLength).join("");
}

/** An IBAN whose check digits are right, of a bank that doesn't exist. */
function ibanOf(random: Random): string {
  const account = `37040044${String(random.between(0, 9_999_999)).padStart(10, "0")}`;
  // D is 13 and E is 14; behind the account, with 00 for the digits that are looked for (ISO 7064, mod 97-10).
  const check = 98n - (BigInt(`${account}131400`) % 97n);
  return `DE${String(check).padStart(2, "0")}${account}`;
}

function capital(word: string): string {
  return word.replace(/^./, (letter) => letter.toUpperCase());
}
