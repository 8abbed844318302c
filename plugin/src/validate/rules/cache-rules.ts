import { MethodOptions_IdempotencyLevel } from "@bufbuild/protobuf/wkt";
import type { Cache } from "../../read/options.js";
import type { OptionPlace } from "../../read/place.js";
import { durationMs, renderDuration } from "../../resolve/duration.js";
import type { ResolvedMethod } from "../../resolve/resolved-contract.js";
import { annotatedServices } from "../elements.js";
import { type CheckContext, defineRules, type Report } from "../rule.js";

/** Rules on answers that caches keep. */
export const CACHE_RULES = defineRules({
  CACHE_METHOD: {
    severity: "error",
    waivable: false,
    description: "`cache` on a method that streams, or that isn't `NO_SIDE_EFFECTS`: it isn't called by GET.",
    check: checkMethods,
  },
  CACHE_AGE: {
    severity: "error",
    waivable: false,
    description: "A `cache` without `max_age`, or whose `max_age` is 0, no whole number of seconds, or over a year.",
    check: checkAges,
  },
  CACHE_SHARED: {
    severity: "error",
    waivable: false,
    description: "`shared` where callers are asked who they are: one caller's answer would be another's.",
    check: checkShared,
  },
});

const SECOND_MS = 1_000;
/** What caches take for "for ever": RFC 9111 has no limit, and RFC 2616 had this one. */
const LONGEST_MS = 365 * 24 * 3_600 * SECOND_MS;

function* cached({
  contract,
}: CheckContext): Generator<{ method: ResolvedMethod; cache: Cache; at: OptionPlace<Cache> }> {
  for (const method of annotatedServices(contract).flatMap(({ methods }) => methods)) {
    const { cache } = method.raw.options;
    if (cache !== undefined) {
      yield { method, cache, at: method.raw.at.at("cache") };
    }
  }
}

function checkMethods(context: CheckContext, report: Report): void {
  for (const { method, at } of cached(context)) {
    const { name, methodKind, idempotency } = method.raw.desc;
    if (methodKind !== "unary") {
      report(at, `${name} streams, and what is kept by caches is a single answer to a call by GET: remove \`cache\`.`);
    } else if (idempotency !== MethodOptions_IdempotencyLevel.NO_SIDE_EFFECTS) {
      report(
        at,
        `A cache answers ${name} in the server's place, so it must do nothing but read. Set \`option idempotency_level = NO_SIDE_EFFECTS;\`, or remove \`cache\`.`,
      );
    }
  }
}

function checkAges(context: CheckContext, report: Report): void {
  for (const { method, cache, at } of cached(context)) {
    const { name } = method.raw.desc;
    if (cache.maxAge === "") {
      report(at, `\`cache\` of ${name} has no \`max_age\`: say how long an answer may be kept, such as "30s".`);
      continue;
    }
    const ms = durationMs(cache.maxAge);
    const place = at.at("maxAge");
    if (ms === 0) {
      report(place, `max_age of ${name} is 0, and what isn't said isn't kept: raise it, or remove \`cache\`.`);
    } else if (ms !== undefined && ms % SECOND_MS !== 0) {
      report(
        place,
        `max_age of ${name} is ${renderDuration(ms)}, and HTTP has whole seconds: write "${Math.ceil(ms / SECOND_MS)}s".`,
      );
    } else if (ms !== undefined && ms > LONGEST_MS) {
      report(place, `max_age of ${name} is ${renderDuration(ms)}, and the most is a year: write "8760h", or less.`);
    }
  }
}

function checkShared(context: CheckContext, report: Report): void {
  for (const { method, cache, at } of cached(context)) {
    const { requirement } = method.auth;
    if (cache.shared && requirement !== "none") {
      const says = requirement === "required" ? "has to say who it is" : "may say who it is";
      report(
        at.at("shared"),
        `A caller of ${method.raw.desc.name} ${says}, and a shared cache gives one caller's answer to another: remove \`shared\`, or set \`auth: {requirement: AUTH_REQUIREMENT_NONE}\`.`,
      );
    }
  }
}
