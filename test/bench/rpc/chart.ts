import { box, heading, type Ink, label, picture, stroke } from "../../../plugin/src/emit/docs/picture.js";
import { renderSvg, type SvgElement, svgElement } from "../../../plugin/src/emit/docs/svg.js";
import type { Spread } from "./ratio.js";
import { BASE, type Results, type ScenarioResult } from "./results.js";
import type { SubjectName } from "./subject.js";

const WIDTH = 860;
const LEFT = 150;
const RIGHT = WIDTH - 130;
const TOP = 84;
const ROW = 18;
const BAR = 11;
const GAP = 34;

/**
 * Draws each subject's calls per second as a ratio to raw grpc-js, with the smallest and the largest of all rounds: its client and
 * its server together, on the first of the Nodes.
 */
export function ratioChart(results: Results): string {
  const pairs = results.scenarios.filter(({ view }) => view === "pairs");
  const [{ node, rounds, date } = { node: "", rounds: 0, date: "" }] = pairs;
  const scenarios = pairs.filter((scenario) => scenario.node === node);
  const largest = Math.max(
    1,
    ...scenarios.flatMap(({ subjects }) => subjects.map(({ perSecondRatio }) => perSecondRatio?.max ?? 0)),
  );
  const scale = axis(largest);
  const blocks: SvgElement[] = [];
  let y = TOP;
  for (const scenario of scenarios) {
    blocks.push(block(scenario, y, scale.at));
    y += GAP + scenario.subjects.length * ROW;
  }
  const gist = `${date}, Node ${node.slice(1)}, ${rounds} interleaved rounds; bars are medians, lines smallest to largest`;
  return renderSvg(
    picture(
      { width: WIDTH, height: y + 24 },
      { title: `Calls per second as a ratio to raw ${BASE}`, description: scenarios.map(sentence).join(" ") },
      heading(`Calls per second as a ratio to raw ${BASE} with protobuf-es (more is better)`),
      label(16, 50, gist, "muted"),
      ...scale.ticks.flatMap((tick) => [
        stroke([scale.at(tick), TOP - 14], [scale.at(tick), y - 8], tick === 1 ? "limit" : "grid"),
        label(scale.at(tick), y + 10, String(tick), "muted", { "text-anchor": "middle" }),
      ]),
      ...blocks,
    ),
  );
}

function axis(largest: number) {
  const step = [0.25, 0.5, 1, 2, 5].find((candidate) => largest / candidate <= 8) ?? 10;
  const ticks = Array.from({ length: Math.ceil(largest / step) + 1 }, (_, index) => index * step);
  const end = ticks.at(-1) ?? 1;
  return { ticks, at: (ratio: number) => LEFT + (ratio / end) * (RIGHT - LEFT) };
}

function block({ title, unit, subjects }: ScenarioResult, top: number, at: (ratio: number) => number): SvgElement {
  const rows = subjects.flatMap(({ subject, perSecond, perSecondRatio }, index) => {
    const y = top + 8 + index * ROW;
    return perSecondRatio === undefined
      ? []
      : [
          label(LEFT - 10, y + BAR - 1, subject, "text", { "text-anchor": "end", "font-size": 12 }),
          ...bar(subject, perSecondRatio, y, at),
          label(WIDTH - 16, y + BAR - 1, `${whole(perSecond.median)} ${unit}s/s`, "muted", {
            "text-anchor": "end",
            "font-size": 11,
          }),
        ];
  });
  return svgElement("g", {}, label(LEFT, top, title, "text", { "font-weight": 600 }), ...rows);
}

function bar(subject: SubjectName, ratio: Spread, y: number, at: (ratio: number) => number): SvgElement[] {
  const middle = y + BAR / 2;
  return [
    box(at(0), y, at(ratio.median) - at(0), BAR, inkOf(subject)),
    stroke([at(ratio.min), middle], [at(ratio.max), middle], "text"),
    label(at(ratio.max) + 6, y + BAR - 1, ratio.median.toFixed(2), "text", { "font-size": 11 }),
  ];
}

function inkOf(subject: SubjectName): Ink {
  return subject.startsWith("accord") ? "accent" : subject === BASE ? "muted" : "third";
}

function sentence({ title, subjects }: ScenarioResult): string {
  const ratios = subjects.map(({ subject, perSecondRatio }) => `${subject} ${perSecondRatio?.median.toFixed(2)}`);
  return `${title}: ${ratios.join(", ")}.`;
}

function whole(value: number): string {
  return Math.round(value).toLocaleString("en-GB");
}
