import { box, heading, type Ink, label, picture, stroke } from "../../../plugin/src/emit/docs/picture.js";
import { renderSvg, type SvgElement, svgElement } from "../../../plugin/src/emit/docs/svg.js";

interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

interface PluginResult {
  readonly notDoneAfter?: number;
  readonly failure?: string;
  readonly seconds?: Spread;
  readonly ratio?: Spread | { readonly under: number };
  readonly peakMiB?: Spread;
}

interface Growth {
  readonly points: readonly { readonly requestMiB: number; readonly seconds: number; readonly peakMiB: number }[];
  readonly timeExponent: number;
  readonly memoryExponent: number;
}

/** What `codegen.json` holds, as far as it is drawn. */
export interface Results {
  readonly date: string;
  readonly node: string;
  /** The machine's load of the last minute, before and after. */
  readonly load: readonly number[];
  readonly versions: Readonly<Record<string, string>>;
  readonly inputs: readonly {
    readonly title: string;
    readonly requestMiB: number;
    readonly plugins: Readonly<Record<string, PluginResult>>;
    readonly growth?: Readonly<Record<string, Growth>>;
  }[];
}

type Input = Results["inputs"][number];

const WIDTH = 900;
const LEFT = 210;
const RIGHT = WIDTH - 250;
const TOP = 92;
const ROW = 18;
const BAR = 11;
const GAP = 30;
const SHORTEST = 0.05;
const LONGEST = 1_000;
const PANEL = 170;

/** Draws how long each plugin takes, on a logarithmic scale, and how time and memory grow with the request. */
export function costChart(results: Results): string {
  const blocks: SvgElement[] = [];
  let y = TOP;
  for (const input of results.inputs) {
    blocks.push(block(input, y));
    y += GAP + Object.keys(input.plugins).length * ROW;
  }
  const grown = results.inputs.find(({ growth }) => growth !== undefined)?.growth ?? {};
  const ticks = [0.1, 1, 10, 100, 1_000];
  const versions = Object.entries(results.versions).map(([name, version]) => `${name} ${version}`);
  return renderSvg(
    picture(
      { width: WIDTH, height: y + 60 + PANEL },
      { title: "What generating code costs", description: results.inputs.map(sentence).join(" ") },
      heading("Seconds from a request to its response, as a process (less is better; each line is ten times the last)"),
      label(
        16,
        50,
        `${results.date}, Node ${results.node}, ${versions.join(", ")}; plugins take turns; load ${results.load.join(" to ")}`,
        "muted",
      ),
      label(
        16,
        67,
        "Bars are medians, lines shortest to longest; behind them the ratio to protoc-gen-es, and memory",
        "muted",
      ),
      ...ticks.flatMap((tick) => [
        stroke([at(tick), TOP - 12], [at(tick), y - 14], "grid"),
        label(at(tick), y, `${tick} s`, "muted", { "text-anchor": "middle", "font-size": 11 }),
      ]),
      ...blocks,
      growthPanel("processor seconds", grown, ({ seconds }) => seconds, [60, y + 36]),
      growthPanel("MiB of memory", grown, ({ peakMiB }) => peakMiB, [WIDTH / 2 + 40, y + 36]),
    ),
  );
}

function at(seconds: number): number {
  const share = Math.log(seconds / SHORTEST) / Math.log(LONGEST / SHORTEST);
  return LEFT + Math.max(share, 0) * (RIGHT - LEFT);
}

function block({ title, requestMiB, plugins }: Input, top: number): SvgElement {
  const rows = Object.entries(plugins).flatMap(([name, result], index) => [
    label(LEFT - 10, top + 8 + index * ROW + BAR - 1, name, "text", { "text-anchor": "end", "font-size": 12 }),
    ...bar(name, result, top + 8 + index * ROW),
  ]);
  const head = `${title} (${requestMiB >= 0.1 ? `${requestMiB} MiB` : `${Math.round(requestMiB * 1024)} KiB`})`;
  return svgElement("g", {}, label(16, top, head, "text", { "font-weight": 600 }), ...rows);
}

function bar(name: string, { seconds, ratio, peakMiB, notDoneAfter, failure }: PluginResult, y: number): SvgElement[] {
  const middle = y + BAR / 2;
  const said = (x: number, text: string, ink: Ink) => label(x + 6, y + BAR - 1, text, ink, { "font-size": 11 });
  if (seconds === undefined) {
    const end = at(notDoneAfter ?? SHORTEST);
    const text = notDoneAfter === undefined ? `failed: ${failure}` : `not done after ${notDoneAfter} s`;
    return [stroke([LEFT, middle], [end, middle], "limit", "4 3"), said(end, text, "limit")];
  }
  const memory = peakMiB === undefined ? "" : ` · ${Math.round(peakMiB.max)} MiB`;
  return [
    box(LEFT, y, at(seconds.median) - LEFT, BAR, inkOf(name)),
    stroke([at(seconds.min), middle], [at(seconds.max), middle], "text"),
    said(at(seconds.max), `${seconds.median} s${ratioText(ratio)}${memory}`, "text"),
  ];
}

function ratioText(ratio: PluginResult["ratio"]): string {
  if (ratio === undefined) {
    return "";
  }
  return "under" in ratio ? ` · under ${ratio.under} ×` : ` · ${ratio.median} ×`;
}

function inkOf(name: string): Ink {
  return name === "accord" ? "accent" : name.startsWith("accord") ? "second" : name === "ts-proto" ? "third" : "muted";
}

type Point = Growth["points"][number];

/** A curve for each plugin, by the size of the request. */
function growthPanel(
  title: string,
  growth: Readonly<Record<string, Growth>>,
  measureOf: (point: Point) => number,
  [left, top]: readonly [number, number],
): SvgElement {
  const [width, height] = [WIDTH / 2 - 200, PANEL - 40];
  const points = Object.values(growth).flatMap((each) => each.points);
  const largest = Math.max(1, ...points.map(({ requestMiB }) => requestMiB));
  const most = Math.max(1, ...points.map(measureOf));
  const place = (point: Point): readonly [number, number] => [
    left + (point.requestMiB / largest) * width,
    top + 14 + height - (measureOf(point) / most) * height,
  ];
  const curves = Object.entries(growth).flatMap(([name, each]) => {
    const places = each.points.map(place);
    const [x, y] = places.at(-1) ?? [left, top];
    return [
      ...places.flatMap((to, index) => {
        const from = places[index - 1];
        return from === undefined ? [] : [stroke(from, to, inkOf(name))];
      }),
      ...places.map(([cx, cy]) => svgElement("circle", { cx, cy, r: 3, class: inkOf(name) })),
      label(x + 8, y + 4, name, inkOf(name), { "font-size": 11 }),
    ];
  });
  return svgElement(
    "g",
    {},
    label(left, top, `google/cloud, ¼ to all: ${title}`, "text", { "font-weight": 600 }),
    stroke([left, top + 14 + height], [left + width, top + 14 + height], "grid"),
    stroke([left, top + 14], [left, top + 14 + height], "grid"),
    label(left - 6, top + 22, `${Math.round(most)}`, "muted", { "text-anchor": "end", "font-size": 11 }),
    label(left - 6, top + 18 + height, "0", "muted", { "text-anchor": "end", "font-size": 11 }),
    label(left + width, top + 30 + height, `${largest} MiB`, "muted", { "text-anchor": "middle", "font-size": 11 }),
    ...curves,
  );
}

function sentence({ title, plugins }: Input): string {
  const parts = Object.entries(plugins).map(([name, { seconds, notDoneAfter, failure }]) =>
    seconds === undefined
      ? `${name} ${notDoneAfter === undefined ? `failed: ${failure}` : `wasn't done after ${notDoneAfter} s`}`
      : `${name} ${seconds.median} s`,
  );
  return `${title}: ${parts.join(", ")}.`;
}
