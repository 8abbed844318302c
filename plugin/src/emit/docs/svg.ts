import { lineText } from "@accord-grpc/runtime/contract";

/** The elements that our pictures are made of. */
export type SvgElementName =
  | "svg"
  | "title"
  | "desc"
  | "style"
  | "g"
  | "rect"
  | "line"
  | "path"
  | "text"
  | "tspan"
  | "circle";

/** An element, or text. */
export type SvgNode = SvgElement | string;

export interface SvgElement {
  readonly name: SvgElementName;
  readonly attributes: SvgAttributes;
  readonly children: readonly SvgNode[];
}

/** An undefined attribute is left out. Numbers are rounded to hundredths, so that the bytes don't depend on arithmetic. */
export type SvgAttributes = Readonly<Record<string, string | number | undefined>>;

/** Makes an element. */
export function svgElement(
  name: SvgElementName,
  attributes: SvgAttributes = {},
  ...children: readonly SvgNode[]
): SvgElement {
  return { name, attributes, children };
}

/** Prints a picture, with its last line break. All text is escaped. */
export function renderSvg(root: SvgElement): string {
  return `${render(root, "")}\n`;
}

function render(node: SvgElement, indentation: string): string {
  const attributes = Object.entries(node.attributes)
    .filter((entry): entry is [string, string | number] => entry[1] !== undefined)
    .map(([name, value]) => ` ${name}="${escapeXml(typeof value === "number" ? String(roundedTo2(value)) : value)}"`)
    .join("");
  const [only] = node.children;
  if (only === undefined) {
    return `${indentation}<${node.name}${attributes}/>`;
  }
  if (node.children.every((child) => typeof child === "string")) {
    return `${indentation}<${node.name}${attributes}>${escapeXml(node.children.join(""))}</${node.name}>`;
  }
  const inner = node.children.map((child) =>
    typeof child === "string" ? `${indentation}  ${escapeXml(child)}` : render(child, `${indentation}  `),
  );
  return [`${indentation}<${node.name}${attributes}>`, ...inner, `${indentation}</${node.name}>`].join("\n");
}

function roundedTo2(value: number): number {
  return Number(value.toFixed(2));
}

function escapeXml(text: string): string {
  return lineText(text)
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
