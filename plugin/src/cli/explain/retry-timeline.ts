import { duration, durationRange } from "../../emit/docs/duration.js";
import { padStyled, styledWidth, type TextStyle } from "../text-style.js";
import type { ExplainedMethod } from "./explanation.js";

/** The marks of a timeline, in a terminal with colour and in plain text. */
const MARKS = {
  colored: { start: "├", line: "─", tick: "┴", end: "┤", maybe: "░", at: "●", room: "·" },
  plain: { start: "|", line: "-", tick: "+", end: "|", maybe: "=", at: "o", room: "." },
} as const;

/**
 * Draws when the attempts of a call start, against its deadline: a line for each, from the earliest to the latest moment,
 * and the axis below them. All attempts are taken to fail at once, so that the waits are all that passes.
 *
 * @param width the columns that there are
 */
export function retryTimeline(method: ExplainedMethod, width: number, style: TextStyle): string[] {
  const { attempts, worstCaseWaitMs } = method.resend;
  const noun = method.resend.kind === "hedge" ? "copy" : "attempt";
  const labelWidth = noun.length + 4;
  const marks = style.isColored ? MARKS.colored : MARKS.plain;
  const endMs = Math.max(method.timeoutMs ?? 0, worstCaseWaitMs * 1.1, 1);
  const notes = attempts.map(({ earliestMs, latestMs }) => durationRange(earliestMs, latestMs));
  const noteWidth = Math.max(...notes.map(styledWidth));
  const scale = Math.max(10, width - labelWidth - noteWidth - 3);
  const column = (ms: number) => Math.min(scale - 1, Math.round((ms / endMs) * (scale - 1)));
  const rows = attempts.map(({ number, earliestMs, latestMs }, index) => {
    const [from, to] = [column(earliestMs), column(latestMs)];
    const bar =
      " ".repeat(from) +
      style.yellow(marks.maybe.repeat(to - from)) +
      style.cyan(marks.at) +
      style.dim(marks.room.repeat(scale - 1 - to));
    return `${style.dim(`${noun} ${number}  `)}${bar}  ${style.dim(notes[index] ?? "")}`;
  });
  const end = method.timeoutMs === null ? duration(endMs) : `${duration(endMs)}, the deadline`;
  return [...rows, ...axis(endMs, scale, end, marks).map((line) => style.dim(" ".repeat(labelWidth) + line))];
}

/** A line with ticks at the quarters, and numbers below the ends and the middle. */
function axis(endMs: number, scale: number, end: string, marks: (typeof MARKS)[keyof typeof MARKS]): string[] {
  const quarter = Math.floor((scale - 1) / 4);
  const line = Array.from({ length: scale }, (_, index) =>
    index === 0
      ? marks.start
      : index === scale - 1
        ? marks.end
        : index % quarter === 0 && index / quarter < 4
          ? marks.tick
          : marks.line,
  ).join("");
  const middle = duration(endMs / 2);
  const left = padStyled("0", Math.max(2, quarter * 2 - Math.floor(middle.length / 2)));
  const numbers = `${left}${middle}`;
  const room = scale - styledWidth(numbers);
  return [
    line,
    room > styledWidth(end) + 1 ? numbers + end.padStart(room) : padStyled("0", scale - styledWidth(end)) + end,
  ];
}
