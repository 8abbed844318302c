import type { TerminationBudget } from "../k8s/termination-budget.js";
import { duration } from "./duration.js";
import { box, heading, type Ink, label, picture, textWidth } from "./picture.js";
import { renderSvg, type SvgElement, svgElement } from "./svg.js";
import { timeAxis, timeLimit } from "./time-axis.js";
import { timeScale } from "./time-scale.js";

const WIDTH = 760;
const LEFT = 96;
const RIGHT = WIDTH - 28;
const TOP = 76;
const ROW = 34;
const BAR = 18;

interface Phase {
  readonly name: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly ink: Ink;
  readonly says: string;
}

/** Draws how a pod ends: the wait, the drain, and what is left before it is killed. An SVG document. */
export function terminationTimeline(name: string, budget: TerminationBudget): string {
  const { preStopMs, drainMs, graceMs } = budget;
  const stopMs = preStopMs + drainMs;
  const all: readonly Phase[] = [
    { name: "preStop", fromMs: 0, toMs: preStopMs, ink: "second", says: "out of DNS, serves as before" },
    { name: "drain", fromMs: preStopMs, toMs: stopMs, ink: "accent", says: "refuses new calls, ends those in flight" },
    { name: "slack", fromMs: stopMs, toMs: graceMs, ink: "third", says: "the process ends" },
  ];
  const phases = all.filter(({ fromMs, toMs }) => toMs > fromMs);
  const scale = timeScale(LEFT, RIGHT, graceMs, graceMs);
  const bottom = TOP + phases.length * ROW;
  const description = phases.map(
    ({ name: phase, fromMs, toMs, says }) => `${phase}, ${duration(toMs - fromMs)}: ${says}.`,
  );
  return renderSvg(
    picture(
      { width: WIDTH, height: bottom + 26 },
      { title: `How a pod of ${name} ends, within ${duration(graceMs)}`, description: description.join(" ") },
      heading(`How a pod of ${name} ends`),
      label(16, 50, "from its removal to the end of terminationGracePeriodSeconds", "muted"),
      ...timeAxis(scale, TOP, bottom),
      ...phases.map((phase, index) => row(phase, TOP + index * ROW, scale.at(phase.fromMs), scale.at(phase.toMs))),
      ...timeLimit(RIGHT, TOP, bottom, `SIGKILL ${duration(graceMs)}`),
    ),
  );
}

function row(phase: Phase, y: number, from: number, to: number): SvgElement {
  const middle = y + BAR / 2 + 4.5;
  const says = `${duration(phase.toMs - phase.fromMs)}: ${phase.says}`;
  const isRight = RIGHT - to > textWidth(says) + 12;
  const beside = isRight
    ? label(to + 8, middle, says, "muted")
    : label(from - 8, middle, says, "muted", { "text-anchor": "end" });
  // A bar that takes most of the row leaves no room beside it: what it says goes below.
  const fits = isRight || from - LEFT > textWidth(says) + 12;
  return svgElement(
    "g",
    {},
    label(16, middle, phase.name),
    box(from, y, to - from, BAR, phase.ink),
    fits ? beside : label(from + 4, y + BAR + 12, says, "muted", { "font-size": 12 }),
  );
}
