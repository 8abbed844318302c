import type { MethodModel } from "../../model/model.js";
import { duration } from "./duration.js";
import { resendPicture } from "./page-names.js";
import { attemptsOf, JITTER } from "./retry-schedule.js";

/** How a method is sent again, with its arithmetic. */
export interface ResendView {
  /** A hedged method is sent before the first attempt has failed. */
  readonly hedged: boolean;
  /** The first included. */
  readonly maxAttempts: number;
  /** The statuses that are tried again; for a hedged method those that don't end the call. */
  readonly codes: readonly string[];
  /** The waits, without jitter, in milliseconds. */
  readonly backoffsMs: readonly number[];
  /** The longest that the waits can take together, in milliseconds. */
  readonly worstCaseMs: number;
  /** Whether all copies of a hedged method are sent at once. */
  readonly atOnce: boolean;
  /** `1.2 × (100 ms + 200 ms) = 360 ms` */
  readonly arithmetic: string;
  /** What of the deadline the worst case leaves for the attempts, in milliseconds. */
  readonly leftMs: number | undefined;
  /** That, divided by the attempts: those of a hedged method run side by side, so it has none. */
  readonly leftForEachMs: number | undefined;
  /** The picture of it, beside the page. */
  readonly picture: string;
}

/** How a method is sent again; undefined if it isn't. */
export function resendView(model: MethodModel): ResendView | undefined {
  const { resend, timeoutMs } = model.call;
  if (resend.kind === "none") {
    return undefined;
  }
  const backoffsMs = attemptsOf(resend)
    .slice(1)
    .map(({ backoffMs }) => backoffMs);
  const hedged = resend.kind === "hedge";
  const sumMs = backoffsMs.reduce((sum, ms) => sum + ms, 0);
  const worstCaseMs = hedged ? sumMs : resend.worstCaseBackoffMs;
  const leftMs = timeoutMs === undefined ? undefined : Math.max(0, timeoutMs - worstCaseMs);
  return {
    hedged,
    maxAttempts: resend.maxAttempts,
    codes: hedged ? resend.nonFatalCodes : resend.codes,
    backoffsMs,
    worstCaseMs,
    atOnce: hedged && resend.delayMs === 0,
    arithmetic: `${hedged ? "" : `${JITTER.most} × `}${sumText(backoffsMs, hedged)} = ${duration(worstCaseMs)}`,
    leftMs,
    leftForEachMs: hedged || leftMs === undefined ? undefined : leftMs / resend.maxAttempts,
    picture: resendPicture(model),
  };
}

function sumText(amountsMs: readonly number[], hedged: boolean): string {
  const sum = amountsMs.map(duration).join(" + ");
  return hedged || amountsMs.length === 1 ? sum : `(${sum})`;
}
