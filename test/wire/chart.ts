import { box, heading, type Ink, label, picture, stroke } from "../../plugin/src/emit/docs/picture.js";
import { renderSvg, type SvgElement, svgElement } from "../../plugin/src/emit/docs/svg.js";
import type { Played, Results } from "./results.js";
import type { Cell, Measure } from "./row.js";
import { TITLES } from "./table.js";

const WIDTH = 1100;
const LEFT = 470;
const RIGHT = WIDTH - 190;
const TOP = 108;
const BAR = 8;
const LINE = 11;
const GAP = 10;
const HEADING = 24;
/** A bar that goes to the edge may be longer. */
const MOST = 64;
const TICKS = [1 / 64, 1 / 16, 1 / 4, 1, 4, 16, 64];

const BASE = "go-go";
const BARS: Readonly<Record<string, Ink>> = {
  "accord-accord": "accent",
  "accord-go": "second",
  "grpc-js-grpc-js": "third",
};

const HEADINGS: Readonly<Record<Measure, string>> = {
  rate: "What a long wire carries",
  loss: "Lost on slow and silent wires",
  fault: "Lost in a bad minute",
  end: "Lost with a backend",
  recovery: "How soon all is well again",
  attempts: "What an outage is made of",
  goodput: "What an overload leaves",
};

/** Draws each row's figures as how many times better or worse they are than those of grpc-go with grpc-go. */
export function comparisonChart({ rows }: Results): string {
  const blocks: SvgElement[] = [];
  let y = TOP;
  for (const [index, row] of rows.entries()) {
    if (rows[index - 1]?.measure !== row.measure) {
      blocks.push(label(16, y + 12, HEADINGS[row.measure], "text", { "font-weight": 600 }));
      y += HEADING;
    }
    blocks.push(block(row, y));
    y += Object.keys(BARS).length * LINE + GAP;
  }
  const title = "Against grpc-go with grpc-go, on the same wire";
  return renderSvg(
    picture(
      { width: WIDTH, height: y + 30 },
      { title, description: rows.map(sentence).join(" ") },
      heading(`${title}: to the right is better`),
      label(
        16,
        50,
        "A bar is how many times better or worse. Of losses and seconds fewer are better, of all else more.",
        "muted",
      ),
      ...legend(),
      ...TICKS.flatMap((tick) => [
        stroke([at(tick), TOP - 10], [at(tick), y], tick === 1 ? "text" : "grid"),
        label(at(tick), y + 16, tick < 1 ? `1/${1 / tick}` : `${tick}`, "muted", {
          "text-anchor": "middle",
          "font-size": 11,
        }),
      ]),
      ...blocks,
    ),
  );
}

function legend(): SvgElement[] {
  return Object.entries(BARS).flatMap(([pair, ink], index) => {
    const x = 16 + index * 150;
    return [box(x, 66, 12, BAR, ink), label(x + 18, 74, TITLES[pair] ?? pair, "text", { "font-size": 12 })];
  });
}

function block({ title, measure, cells }: Played, top: number): SvgElement {
  const base = cells[BASE];
  const height = Object.keys(BARS).length * LINE;
  const bars = Object.entries(BARS).flatMap(([pair, ink], index) => {
    const cell = cells[pair];
    if (cell === undefined || base === undefined) {
      return [];
    }
    const [from, to] = [at(1), at(better(measure, cell, base))].sort((one, other) => one - other);
    const y = top + index * LINE;
    return [
      box(from ?? 0, y, (to ?? 0) - (from ?? 0), BAR, ink),
      label(RIGHT + 12, y + BAR, cell.text, "text", { "font-size": 10 }),
    ];
  });
  return svgElement(
    "g",
    {},
    label(LEFT - 12, top + height / 2 - 3, title, "text", { "text-anchor": "end", "font-size": 12 }),
    label(LEFT - 12, top + height / 2 + 10, `Go→Go: ${base?.text ?? "not played"}`, "muted", {
      "text-anchor": "end",
      "font-size": 10,
    }),
    ...bars,
  );
}

/** How many times better a figure is than another: below 1, it is worse. */
export function better(measure: Measure, { value }: Cell, { value: base }: Cell): number {
  if (value === null || base === null) {
    return value === base ? 1 : value === null ? 0 : Number.POSITIVE_INFINITY;
  }
  switch (measure) {
    case "rate":
      return value / base;
    // One call more than none isn't endlessly more.
    case "goodput":
      return (value + 1) / (base + 1);
    case "loss":
    case "fault":
    case "end":
      return (base + 1) / (value + 1);
    case "recovery":
      // Below that, it is the rig's own time.
      return Math.max(base, 0.1) / Math.max(value, 0.1);
    case "attempts":
      return base / value;
  }
}

function at(ratio: number): number {
  const clipped = Math.min(MOST, Math.max(1 / MOST, ratio));
  return LEFT + ((Math.log2(clipped) / Math.log2(MOST) + 1) / 2) * (RIGHT - LEFT);
}

function sentence({ title, cells }: Played): string {
  const figures = [BASE, ...Object.keys(BARS)].map((pair) => `${TITLES[pair]} ${cells[pair]?.text ?? "not played"}`);
  return `${title}: ${figures.join(", ")}.`;
}
