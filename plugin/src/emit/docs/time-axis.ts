import { duration } from "./duration.js";
import { label, stroke } from "./picture.js";
import { type SvgElement, svgElement } from "./svg.js";
import type { TimeScale } from "./time-scale.js";

/** Draws a scale: its ticks as lines from `top` to `bottom`, the moments below, and a mark where the axis is broken. */
export function timeAxis(scale: TimeScale, top: number, bottom: number): readonly SvgElement[] {
  const ticks = scale.ticks.map((ms) =>
    svgElement(
      "g",
      {},
      stroke([scale.at(ms), top - 6], [scale.at(ms), bottom - 6], "grid"),
      label(scale.at(ms), bottom + 12, duration(ms), "muted", { "text-anchor": "middle", "font-size": 12 }),
    ),
  );
  const x = scale.break;
  return x === undefined
    ? ticks
    : [
        ...ticks,
        stroke([x - 2, bottom + 14], [x + 4, bottom - 2], "muted"),
        stroke([x + 3, bottom + 14], [x + 9, bottom - 2], "muted"),
      ];
}

/** Draws a moment that nothing may pass, with its name above. */
export function timeLimit(x: number, top: number, bottom: number, name: string): readonly SvgElement[] {
  return [
    stroke([x, top - 10], [x, bottom], "limit", "4 3"),
    label(x + 4, top - 18, name, "limit", { "text-anchor": "end" }),
  ];
}
