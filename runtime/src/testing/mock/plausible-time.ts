import { create, type DescMessage, type Message } from "@bufbuild/protobuf";
import { secondsOf, type ValueRules } from "./field-rules.js";
import { isNumberWithin } from "./is-within.js";
import { timeOf } from "./plausible-text.js";
import type { Random } from "./random.js";

const YEAR = 365 * 86_400;
/** Later than whoever runs this: what has to be in the future is made without a look at the clock, so that it stays as it is. */
const FUTURE = Date.UTC(2100, 0, 1) / 1_000;

/** Makes a `google.protobuf.Duration` within its rules. */
export function plausibleDuration(desc: DescMessage, rules: ValueRules, random: Random): Message {
  return madeTime(desc, rules, random, random.between(1, 60), 60);
}

/** Makes a `google.protobuf.Timestamp` within its rules. @param index its message's place in a stream: times grow */
export function plausibleTimestamp(desc: DescMessage, rules: ValueRules, index: number, random: Random): Message {
  const past = Math.floor(timeOf(random) / 1_000);
  const { within, now } = rules;
  if (within !== undefined) {
    // Nothing but the clock can tell what is near to now.
    return timeMessage(desc, Date.now() / 1_000 + (now === "after" ? within / 2 : -within / 2));
  }
  const usual = (now === "after" ? FUTURE + random.between(0, YEAR) : past) + index * 60;
  return madeTime(desc, rules, random, usual, YEAR);
}

function madeTime(desc: DescMessage, rules: ValueRules, random: Random, usual: number, span: number): Message {
  const { const: constant, in: listed = [], notIn = [], gt, gte, lt, lte } = rules;
  const given = secondsOf(constant ?? listed[random.between(0, listed.length - 1)]);
  if (given !== undefined) {
    return create(desc, { seconds: given.seconds, nanos: given.nanos } as never);
  }
  const isTaken = (seconds: number): boolean =>
    notIn.some((each) => secondsOf(each)?.seconds === BigInt(Math.floor(seconds)));
  if (isNumberWithin(usual, rules) && !isTaken(usual)) {
    return timeMessage(desc, usual);
  }
  const [low, high] = [gt ?? gte, lt ?? lte];
  const share = random.between(1, 99) / 100;
  if (low === undefined) {
    return timeMessage(desc, (high ?? usual) - share * span);
  }
  const width = high === undefined || high < low ? span : Math.min(span, high - low);
  return timeMessage(desc, low + share * width);
}

function timeMessage(desc: DescMessage, time: number): Message {
  const seconds = Math.floor(time);
  const nanos = Math.min(999_999_999, Math.round((time - seconds) * 1e9));
  // A duration's two parts have the same sign.
  return seconds < 0 && nanos > 0 && desc.typeName === "google.protobuf.Duration"
    ? create(desc, { seconds: BigInt(seconds + 1), nanos: nanos - 1_000_000_000 } as never)
    : create(desc, { seconds: BigInt(seconds), nanos } as never);
}
