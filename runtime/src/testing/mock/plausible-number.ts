import type { ValueRules } from "./field-rules.js";
import type { Random } from "./random.js";

// What a field's name says of its number: from, to. The first that fits.
const BY_NAME: readonly (readonly [RegExp, number, number])[] = [
  [/(^|_)(lat|latitude)$/, 46, 52],
  [/(^|_)(lon|lng|longitude)$/, 6, 13],
  [/(^|_)percent(age)?$/, 0, 100],
  [/(^|_)(ratio|share|probability|confidence)$/, 0, 1],
  [/(^|_)year$/, 2_020, 2_025],
  [/(^|_)month$/, 1, 12],
  [/(^|_)day$/, 1, 28],
  [/(^|_)hour$/, 0, 23],
  [/(^|_)minute$/, 0, 59],
  [/(^|_)age$/, 18, 80],
  [/(^|_)port$/, 1_024, 65_535],
  [/(^|_)(minor_units|cents|amount|price|total|balance|cost|fee)$/, 100, 99_999],
  [/_(ms|millis|milliseconds)$/, 5, 900],
  [/_(seconds|secs|minutes|hours|days)$/, 1, 60],
  [/_(epoch|unix)$/, 1_740_000_000, 1_760_000_000],
  [/(^|_)(bytes|size)$/, 128, 65_536],
  [/(^|_)(count|quantity|items|attempts|booked|skipped|errors)$/, 1, 20],
];

// What grows from one message of a stream to the next.
const GROWING = /(^|_)(id|sequence|seq|version|number|index|offset|position|revision|cursor|serial)$/;

/** The whole numbers or fractions that a field can hold. */
export interface NumberKind {
  readonly isWhole: boolean;
  readonly least: number;
  readonly most: number;
}

/**
 * Makes a number that a field of this name could have, within its rules.
 *
 * @param index the message's place in its stream or list
 */
export function plausibleNumber(
  name: string,
  kind: NumberKind,
  rules: ValueRules,
  index: number,
  random: Random,
): number {
  const listed = [rules.const, ...(rules.in ?? [])].filter(
    (value) => typeof value === "number" || typeof value === "bigint",
  );
  if (listed.length > 0) {
    return Number(listed[rules.const === undefined ? random.between(0, listed.length - 1) : 0]);
  }
  const [least, most] = bounds(kind, rules);
  if (GROWING.test(name)) {
    // Numbers begin at 1 where nothing says otherwise: resumption counts on it.
    return clamp(Math.max(1, least) + index, least, most);
  }
  const [, from = 1, to = 1_000] = BY_NAME.find(([fits]) => fits.test(name)) ?? [];
  const value = kind.isWhole ? random.between(from, to) : Math.round((from + random.next() * (to - from)) * 100) / 100;
  if (value >= least && value <= most) {
    return value;
  }
  const [low, high] = [Math.max(least, -1e9), Math.min(most, 1e9)];
  if (low > high) {
    return least > 1e9 ? least : most;
  }
  return kind.isWhole
    ? random.between(low, Math.min(high, low + 1_000))
    : low + random.next() * Math.min(1_000, high - low);
}

// With 'greater than' above 'less than', protovalidate means what is outside: above the lower bound is right then.
function bounds({ least, most, isWhole }: NumberKind, { gt, gte, lt, lte }: ValueRules): [number, number] {
  const step = isWhole ? 1 : Number.EPSILON * 1_024;
  const low = Math.max(least, gte ?? (gt === undefined ? least : gt + step * Math.max(1, isWhole ? 1 : Math.abs(gt))));
  const high = Math.min(most, lte ?? (lt === undefined ? most : lt - step * Math.max(1, isWhole ? 1 : Math.abs(lt))));
  return low <= high ? [low, high] : [low, most];
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}

/** Whether something of this name is so, where nobody says: things are mostly well. */
export function plausibleFlag(name: string, { const: constant }: ValueRules, random: Random): boolean {
  if (typeof constant === "boolean") {
    return constant;
  }
  if (
    /(^|_)(deleted|frozen|disabled|blocked|failed|error|replayed|expired|archived|locked|truncated|dry_run)$/.test(name)
  ) {
    return false;
  }
  if (/(^|_)(enabled|active|ok|success|valid|verified|available)$/.test(name)) {
    return true;
  }
  return random.next() < 0.5;
}
