import type { StatusName } from "@accord-grpc/runtime/contract";
import { DEFAULT_MAX_MESSAGE_BYTES } from "@accord-grpc/runtime/contract";
import { cacheWords } from "../../emit/docs/cache-words.js";
import { attemptsOf } from "../../emit/docs/retry-schedule.js";
import { durationText } from "../../emit/typescript/text.js";
import type { AuthModel, LogFieldModel, MaskName, MethodModel, ResendModel, ServiceModel } from "../../model/model.js";
import { elementPlace, type Place } from "../../read/place.js";
import { bytes } from "../explain/method-words.js";
import type { ReportChange } from "./contract-change.js";

// What client and server enforce where the contract names no limit.

/** Compares the methods that two versions of a service both have. That one is missing is `buf breaking`'s to tell. */
export function compareMethods(before: ServiceModel, after: ServiceModel, report: ReportChange): void {
  for (const method of before.methods) {
    const now = after.methods.find((candidate) => candidate.method.name === method.method.name);
    if (now !== undefined) {
      compareMethod(method, now, report);
    }
  }
}

function compareMethod(before: MethodModel, after: MethodModel, report: ReportChange): void {
  const place = elementPlace(after.method);
  const name = after.method.name;
  const known = new Set(before.raises.map((error) => `${error.package}.${error.value?.number}`));
  const added = after.raises.filter((error) => !known.has(`${error.package}.${error.value?.number}`));
  if (added.length > 0) {
    report("RAISE_ADDED", place, `${name} now raises ${added.map(({ code }) => code).join(", ")} too.`);
  }
  for (const words of widened(before.call.resend, after.call.resend)) {
    report("RETRY_WIDENED", place, `${name} ${words}.`);
  }
  compareResume(before, after, place, report);
  compareTime(before, after, place, report);
  compareSizes(before, after, place, report);
  compareAuth(name, before.auth, after.auth, place, report);
  compareIdempotency(before, after, place, report);
  compareCache(before, after, place, report);
  compareLog(name, before.requestLog, after.requestLog, place, report);
  compareLog(name, before.responseLog, after.responseLog, place, report);
}

/** What makes a policy send more than another one did: in how many ways it does. */
function widened(before: ResendModel, after: ResendModel): string[] {
  if (after.kind === "none") {
    return [];
  }
  if (before.kind !== after.kind) {
    const was = { none: "was sent once", retry: "was retried", hedge: "was hedged" }[before.kind];
    const is = { retry: "is retried", hedge: "is hedged: several copies run at once" }[after.kind];
    // Copies that run at once are more than attempts after each other; a retry instead of them isn't.
    return before.kind === "hedge" ? [] : [`${was}, and now ${is}`];
  }
  const found: string[] = [];
  if (after.maxAttempts > before.maxAttempts) {
    found.push(`was sent ${before.maxAttempts} times at most, and now ${after.maxAttempts} times`);
  }
  const more = codesOf(after).filter((code) => !codesOf(before).includes(code));
  if (more.length > 0) {
    found.push(`is now sent again after ${more.join(", ")} too`);
  }
  return [...found, ...sooner(before, after)];
}

/** What makes a policy send again sooner: the first wait that is shorter. */
function sooner(before: ResendModel, after: ResendModel): string[] {
  const attempts = attemptsOf(after);
  const earlier = attemptsOf(before).find(({ backoffMs, number }) => {
    const now = attempts[number - 1];
    return now !== undefined && now.backoffMs < backoffMs;
  });
  if (earlier === undefined) {
    return [];
  }
  const { number, backoffMs } = earlier;
  const noun = after.kind === "hedge" ? "copy" : "attempt";
  const now = attempts[number - 1]?.backoffMs ?? 0;
  return [
    `waited ${durationText(backoffMs)} before ${noun} ${number}, and now ${now === 0 ? "not at all" : durationText(now)}`,
  ];
}

function codesOf(resend: ResendModel): readonly StatusName[] {
  return resend.kind === "retry" ? resend.codes : resend.kind === "hedge" ? resend.nonFatalCodes : [];
}

function compareResume(before: MethodModel, after: MethodModel, place: Place, report: ReportChange): void {
  const was = fieldsOf(before);
  const is = fieldsOf(after);
  if (was !== undefined && was !== is) {
    const now = is === undefined ? "they end" : `they go on by ${is}`;
    report(
      "RESUME_REMOVED",
      place,
      `${after.method.name}'s streams went on by ${was} where they broke, and now ${now}.`,
    );
  }
}

function fieldsOf({ resume }: MethodModel): string | undefined {
  return resume && `${resume.from.name} and ${resume.with.name}`;
}

function compareTime(before: MethodModel, after: MethodModel, place: Place, report: ReportChange): void {
  const name = after.method.name;
  const [timeout, newTimeout] = [before.call.timeoutMs, after.call.timeoutMs];
  if (timeout !== undefined && newTimeout === undefined) {
    report(
      "TIMEOUT_LOWERED",
      place,
      `${name} had ${durationText(timeout)}, and callers must now name a deadline themselves.`,
    );
  } else if (timeout !== undefined && newTimeout !== undefined && newTimeout < timeout) {
    report("TIMEOUT_LOWERED", place, `${name} had ${durationText(timeout)} and has ${durationText(newTimeout)}.`);
  }
  const [most, newMost] = [before.call.maxTimeoutMs, after.call.maxTimeoutMs];
  if (newMost !== undefined && (most === undefined || newMost < most)) {
    const was = most === undefined ? "whatever the caller asked for" : durationText(most);
    report("MAX_TIMEOUT_LOWERED", place, `${name} was granted ${was}, and now ${durationText(newMost)} at most.`);
  }
}

function compareSizes(before: MethodModel, after: MethodModel, place: Place, report: ReportChange): void {
  const sizes = [
    ["requests", before.call.maxRequestBytes, after.call.maxRequestBytes],
    ["responses", before.call.maxResponseBytes, after.call.maxResponseBytes],
  ] as const;
  for (const [what, was = DEFAULT_MAX_MESSAGE_BYTES, is = DEFAULT_MAX_MESSAGE_BYTES] of sizes) {
    if (is < was) {
      report("SIZE_LOWERED", place, `${after.method.name}'s ${what} could have ${bytes(was)}, and now ${bytes(is)}.`);
    }
  }
}

const REQUIREMENTS: readonly AuthModel["requirement"][] = ["none", "optional", "required"];

function compareAuth(name: string, before: AuthModel, after: AuthModel, place: Place, report: ReportChange): void {
  const step = REQUIREMENTS.indexOf(after.requirement) - REQUIREMENTS.indexOf(before.requirement);
  const words = `${name}'s authentication was ${before.requirement.toUpperCase()} and is ${after.requirement.toUpperCase()}.`;
  const more = after.scopes.filter((scope) => !before.scopes.includes(scope));
  const fewer = before.scopes.filter((scope) => !after.scopes.includes(scope));
  if (step !== 0) {
    report(step > 0 ? "AUTH_TIGHTENED" : "AUTH_LOOSENED", place, words);
  }
  if (more.length > 0) {
    report("AUTH_TIGHTENED", place, `${name} now asks for ${more.join(", ")} too.`);
  }
  if (fewer.length > 0) {
    report("AUTH_LOOSENED", place, `${name} no longer asks for ${fewer.join(", ")}.`);
  }
}

function compareIdempotency(before: MethodModel, after: MethodModel, place: Place, report: ReportChange): void {
  const name = after.method.name;
  if (before.idempotencyKey !== undefined && after.idempotencyKey?.number !== before.idempotencyKey.number) {
    report(
      "IDEMPOTENCY_KEY_REMOVED",
      place,
      `clients of ${name} filled in ${before.idempotencyKey.name} as the request id, and don't any more.`,
    );
  }
  const levels: readonly MethodModel["idempotency"][] = ["unknown", "idempotent", "no_side_effects"];
  if (levels.indexOf(after.idempotency) < levels.indexOf(before.idempotency)) {
    const option = { unknown: "IDEMPOTENCY_UNKNOWN", idempotent: "IDEMPOTENT", no_side_effects: "NO_SIDE_EFFECTS" };
    report(
      "IDEMPOTENCY_LOWERED",
      place,
      `${name} was ${option[before.idempotency]} and is ${option[after.idempotency]}.`,
    );
  }
}

function compareCache(
  { cache: was }: MethodModel,
  { cache: is, method }: MethodModel,
  place: Place,
  report: ReportChange,
): void {
  if (is === undefined) {
    return;
  }
  const isOlder = is.maxAgeSeconds > (was?.maxAgeSeconds ?? 0);
  const isShared = is.shared && was?.shared !== true;
  if (isOlder || isShared) {
    const before = was === undefined ? "by nobody" : `by ${cacheWords(was)}`;
    report("CACHE_WIDENED", place, `${method.name}'s answers were kept ${before}, and now by ${cacheWords(is)}.`);
  }
}

// How little each mask shows: of what it stands for, a length tells least.
const MASKS: readonly Exclude<MaskName, "drop">[] = ["none", "last4", "hash", "length"];

function compareLog(
  name: string,
  before: readonly LogFieldModel[],
  after: readonly LogFieldModel[],
  place: Place,
  report: ReportChange,
): void {
  for (const field of before) {
    const path = pathOf(field);
    const now = after.find((candidate) => pathOf(candidate) === path);
    if (now !== undefined && MASKS.indexOf(now.mask) < MASKS.indexOf(field.mask)) {
      report(
        "LOG_UNMASKED",
        place,
        `${name} logged ${path} masked (${field.mask}), and now ${now.mask === "none" ? "as it is" : `by another mask (${now.mask})`}.`,
      );
    }
  }
}

function pathOf({ path }: LogFieldModel): string {
  return path.map((field) => field.name).join(".");
}
