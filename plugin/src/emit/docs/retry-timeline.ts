import type { MethodModel } from "../../model/model.js";
import { duration, durationRange } from "./duration.js";
import { box, heading, label, picture, textWidth } from "./picture.js";
import { type AttemptModel, attemptsOf } from "./retry-schedule.js";
import { renderSvg, type SvgElement, svgElement } from "./svg.js";
import { timeAxis, timeLimit } from "./time-axis.js";
import { type TimeScale, timeScale } from "./time-scale.js";

const WIDTH = 760;
const LEFT = 96;
const RIGHT = WIDTH - 28;
const TOP = 76;
const ROW = 30;
const BAR = 16;

/**
 * Draws when the attempts of a method start, against its deadline, if each fails at once: the backoffs add up, and what is
 * left of the deadline is the attempts' own. An SVG document.
 *
 * @param method one that is retried or hedged
 */
export function retryTimeline(method: MethodModel): string {
  const { timeoutMs, resend } = method.call;
  const attempts = attemptsOf(resend);
  const latestMs = attempts.at(-1)?.latestMs ?? 0;
  const endMs = timeoutMs ?? Math.max(latestMs * 1.4, 1);
  // Where nothing waits there is nothing to magnify.
  const scale = timeScale(LEFT, RIGHT, latestMs === 0 ? endMs : latestMs, endMs);
  const bottom = TOP + attempts.length * ROW;
  const height = bottom + 62;
  const { name } = method.method;
  const gist = `${attempts.length} ${resend.kind === "hedge" ? "copies" : "attempts"} ${
    timeoutMs === undefined ? "and no deadline in the contract" : `within ${duration(timeoutMs)}`
  }`;
  return renderSvg(
    picture(
      { width: WIDTH, height },
      {
        title: `${name}: ${gist}`,
        description: attempts.map((attempt) => sentence(attempt, resend.kind === "hedge")).join(" "),
      },
      heading(shortened(name, 60)),
      label(16, 50, gist, "muted"),
      ...timeAxis(scale, TOP, bottom),
      ...attempts.map((attempt, index) => row(attempt, TOP + index * ROW, scale, endMs, resend.kind === "hedge")),
      ...(timeoutMs === undefined
        ? []
        : timeLimit(scale.at(timeoutMs), TOP, bottom, `deadline ${duration(timeoutMs)}`)),
      ...legend(bottom + 46, resend.kind === "hedge", timeoutMs !== undefined),
    ),
  );
}

function row(attempt: AttemptModel, y: number, scale: TimeScale, endMs: number, hedged: boolean): SvgElement {
  const [from, to, end] = [scale.at(attempt.earliestMs), scale.at(attempt.latestMs), scale.at(endMs)];
  const middle = y + BAR / 2 + 4.5;
  const [start, long] = [startText(attempt), longText(attempt, hedged)];
  const room = (text: string, beside: number) => beside > textWidth(text) + 12;
  const says = room(long, Math.max(end - to, from - LEFT)) ? long : start;
  const fits = room(says, end - to);
  return svgElement(
    "g",
    {},
    label(16, middle, `${hedged ? "copy" : "attempt"} ${attempt.number}`),
    box(to, y, end - to, BAR, "pale"),
    box(from, y, to - from, BAR, "accent"),
    fits
      ? label(Math.max(to, from + 2) + 8, middle, says, "muted")
      : label(from - 8, middle, says, "muted", { "text-anchor": "end" }),
  );
}

function startText(attempt: AttemptModel): string {
  return attempt.latestMs === 0 ? "at once" : `after ${durationRange(attempt.earliestMs, attempt.latestMs)}`;
}

function longText(attempt: AttemptModel, hedged: boolean): string {
  const start = startText(attempt);
  return hedged || attempt.number === 1 ? start : `${start}: backoff ${duration(attempt.backoffMs)} ±20 %`;
}

function sentence(attempt: AttemptModel, hedged: boolean): string {
  return `${hedged ? "Copy" : "Attempt"} ${attempt.number} starts ${startText(attempt)}.`;
}

function shortened(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}

function legend(y: number, hedged: boolean, limited: boolean): SvgElement[] {
  const starts = hedged ? "the copy starts" : "the attempt starts in here, if all before it fail at once";
  const next = 16 + 22 + textWidth(starts) + 24;
  return [
    box(16, y - 10, 14, 12, "accent"),
    label(38, y, starts, "muted"),
    box(next, y - 10, 14, 12, "pale"),
    label(next + 22, y, limited ? "what is left for it until the deadline" : "it may still run", "muted"),
  ];
}
