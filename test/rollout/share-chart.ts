import { heading, label, picture, stroke } from "../../plugin/src/emit/docs/picture.js";
import { renderSvg, type SvgElement, svgElement } from "../../plugin/src/emit/docs/svg.js";
import type { Recording } from "./evaluation.js";

const WIDTH = 960;
const LEFT = 48;
const RIGHT = 16;
const TOP = 70;
const BARS = 220;
const LEGEND_LINE = 19;
const BIN_MS = 1_000;

// Neighbours in a stack differ in hue and lightness, on a light ground and on a dark one.
const SHADES = ["#4493f8", "#9fc9ff", "#2da44e", "#8ddb9f", "#bf8700", "#eac54f", "#8250df", "#c8a8ff"];

/** Draws how the executions of each second are shared by the backends, and where calls were lost. */
export function shareChart(recording: Recording): string {
  const { steps, executions, calls } = recording;
  const from = steps[0]?.from ?? 0;
  const to = steps.at(-1)?.to ?? 1;
  const x = (at: number): number => LEFT + ((at - from) / (to - from)) * (WIDTH - LEFT - RIGHT);
  const bins = Math.ceil((to - from) / BIN_MS);
  const backends = [...new Set(executions.map(({ backend }) => backend))].sort(byAddress);
  const counts = backends.map(() => new Array<number>(bins).fill(0));
  for (const { backend, at } of executions) {
    const row = counts[backends.indexOf(backend)];
    const bin = Math.floor((at - from) / BIN_MS);
    if (row !== undefined && bin >= 0 && bin < bins) {
      row[bin] = (row[bin] ?? 0) + 1;
    }
  }
  const lost = calls.filter(({ status, endedAt }) => status !== "OK" && endedAt >= from && endedAt < to);
  const marks = steps.flatMap((played, index) => [
    stroke([x(played.from), TOP - 22], [x(played.from), TOP + BARS], "muted", "2 3"),
    label(x(played.from) + 3, TOP - 12, String(index + 1), "muted", { "font-size": 12 }),
  ]);
  const legendTop = TOP + BARS + 46;
  const legend = steps.map((played, index) => {
    const { name } = played.step;
    const said = lost.filter(({ endedAt }) => endedAt >= played.from && endedAt < played.to).length;
    const column = index % 2;
    const row = Math.floor(index / 2);
    return label(
      LEFT + column * 450,
      legendTop + row * LEGEND_LINE,
      `${index + 1}  ${name}: ${said === 0 ? "none" : said} lost`,
      said === 0 ? "text" : "limit",
    );
  });
  const height = legendTop + Math.ceil(steps.length / 2) * LEGEND_LINE + 4;
  const description = `Each column is a second, each colour a backend. ${steps
    .map(({ step }, index) => `${index + 1}: ${step.name}, ${step.says}.`)
    .join(" ")}`;
  return renderSvg(
    picture(
      { width: WIDTH, height },
      { title: "Share of the calls of each backend during a rollout", description },
      heading("Share of the calls per backend and second; lost calls in red"),
      ...stacks(counts, bins, (bin) => x(from + bin * BIN_MS)),
      ...marks,
      ...lost.map(({ endedAt }) => tick(x(endedAt))),
      ...axis(to - from, (ms) => x(from + ms)),
      ...legend,
    ),
  );
}

function stacks(counts: readonly number[][], bins: number, x: (bin: number) => number): SvgElement[] {
  const boxes: SvgElement[] = [];
  for (let bin = 0; bin < bins; bin += 1) {
    const total = counts.reduce((sum, row) => sum + (row[bin] ?? 0), 0);
    let below = 0;
    for (const [index, row] of counts.entries()) {
      const share = total === 0 ? 0 : (row[bin] ?? 0) / total;
      if (share > 0) {
        boxes.push(
          svgElement("rect", {
            x: x(bin),
            y: TOP + (1 - below - share) * BARS,
            width: Math.max(x(bin + 1) - x(bin) - 0.5, 0.5),
            height: share * BARS,
            fill: SHADES[index % SHADES.length],
          }),
        );
      }
      below += share;
    }
  }
  return boxes;
}

function tick(x: number): SvgElement {
  return svgElement("rect", { x: x - 1, y: TOP - 8, width: 2, height: 8, class: "limit" });
}

function axis(lengthMs: number, x: (ms: number) => number): SvgElement[] {
  const marks = [
    label(LEFT - 6, TOP + 5, "100 %", "muted", { "text-anchor": "end", "font-size": 11 }),
    label(LEFT - 6, TOP + BARS / 2 + 4, "50 %", "muted", { "text-anchor": "end", "font-size": 11 }),
    label(LEFT - 6, TOP + BARS + 4, "0", "muted", { "text-anchor": "end", "font-size": 11 }),
  ];
  const everyMs = lengthMs > 100_000 ? 20_000 : 10_000;
  for (let ms = 0; ms <= lengthMs; ms += everyMs) {
    marks.push(label(x(ms), TOP + BARS + 18, `${ms / 1000} s`, "muted", { "text-anchor": "middle", "font-size": 11 }));
  }
  return marks;
}

function byAddress(one: string, other: string): number {
  const last = (address: string): number => Number(address.split(":")[0]?.split(".").at(-1));
  return last(one) - last(other);
}
