import { type SvgAttributes, type SvgElement, type SvgNode, svgElement } from "./svg.js";

/** What a part of a picture is; its colour follows. */
export type Ink = "text" | "muted" | "accent" | "pale" | "limit" | "grid" | "second" | "third";

// On a ground of its own, so that it is legible on any page: a picture follows the system's colour scheme, a page need not.
const LIGHT: Readonly<Record<Ink | "ground", string>> = {
  ground: "#ffffff",
  text: "#1f2328",
  muted: "#59636e",
  accent: "#0969da",
  pale: "#ddf0ff",
  limit: "#cf222e",
  grid: "#d1d9e0",
  second: "#1a7f37",
  third: "#9a6700",
};
const DARK: Readonly<Record<Ink | "ground", string>> = {
  ground: "#0d1117",
  text: "#f0f6fc",
  muted: "#9198a1",
  accent: "#4493f8",
  pale: "#15304f",
  limit: "#ff7b72",
  grid: "#3d444d",
  second: "#3fb950",
  third: "#d29922",
};

/** A picture with its ground, its colours for light and dark, and what a screen reader says of it. */
export function picture(
  size: { readonly width: number; readonly height: number },
  said: { readonly title: string; readonly description: string },
  ...children: readonly SvgNode[]
): SvgElement {
  const { width, height } = size;
  return svgElement(
    "svg",
    {
      xmlns: "http://www.w3.org/2000/svg",
      width,
      height,
      viewBox: `0 0 ${width} ${height}`,
      role: "img",
      "aria-labelledby": "title description",
      "font-family": "system-ui, -apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif",
      "font-size": 13,
    },
    svgElement("title", { id: "title" }, said.title),
    svgElement("desc", { id: "description" }, said.description),
    svgElement("style", {}, `${rules(LIGHT)} @media (prefers-color-scheme: dark) { ${rules(DARK)} }`),
    svgElement("rect", { width, height, rx: 8, class: "ground" }),
    ...children,
  );
}

/** A text. */
export function label(
  x: number,
  y: number,
  text: string,
  ink: Ink = "text",
  attributes: SvgAttributes = {},
): SvgElement {
  return svgElement("text", { x, y, class: ink, ...attributes }, text);
}

/** The heading of a picture. */
export function heading(text: string): SvgElement {
  return label(16, 28, text, "text", { "font-size": 15, "font-weight": 600 });
}

/** A filled box; what has no width still shows. */
export function box(x: number, y: number, width: number, height: number, ink: Ink): SvgElement {
  return svgElement("rect", { x, y, width: Math.max(width, 2), height, rx: 2, class: ink });
}

/** A line. */
export function stroke(
  from: readonly [number, number],
  to: readonly [number, number],
  ink: Ink,
  dashes?: string,
): SvgElement {
  return svgElement("line", {
    x1: from[0],
    y1: from[1],
    x2: to[0],
    y2: to[1],
    class: `${ink}-line`,
    "stroke-dasharray": dashes,
  });
}

/** How wide a text is at the pictures' font size, about: fonts differ. */
export function textWidth(text: string): number {
  return text.length * 6.8;
}

function rules(colours: Readonly<Record<Ink | "ground", string>>): string {
  return Object.entries(colours)
    .map(([name, colour]) => `.${name} { fill: ${colour} } .${name}-line { stroke: ${colour} }`)
    .join(" ");
}
