import { HtmlRenderer, Parser } from "commonmark";
import MarkdownIt from "markdown-it";
import { type DefaultTreeAdapterTypes as Html, parseFragment } from "parse5";

/** An element of a rendered page. */
export interface RenderedElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
}

const commonmark = { parser: new Parser(), renderer: new HtmlRenderer() };
// Tables and strikethrough as GitHub has them, and raw HTML as any page that is trusted.
const github = new MarkdownIt({ html: true, linkify: true });
// What isn't our business: it may refuse an address that we let through, and we are to refuse all that are dangerous.
github.validateLink = () => true;

/** A page as HTML, by two renderers that have nothing to do with the one that Accord parses comments with. */
export function renderings(markdown: string): string[] {
  return [commonmark.renderer.render(commonmark.parser.parse(markdown)), github.render(markdown)];
}

/** The elements of a page, in both renderings. */
export function elementsOf(markdown: string): RenderedElement[] {
  return renderings(markdown).flatMap((html) => elements(parseFragment(html)));
}

/** The names of the elements of a page, in both renderings. */
export function tagsOf(markdown: string): string[] {
  return elementsOf(markdown).map(({ name }) => name);
}

function elements(node: Html.ParentNode): RenderedElement[] {
  return node.childNodes.flatMap((child) => {
    if (!("tagName" in child)) {
      return [];
    }
    const attributes = Object.fromEntries(child.attrs.map(({ name, value }) => [name, value]));
    return [{ name: child.tagName, attributes }, ...elements(child)];
  });
}
