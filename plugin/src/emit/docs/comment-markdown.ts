import type { Definition, Image, Link, Nodes, Paragraph, PhrasingContent, Root, RootContent, Text } from "mdast";
import { fromMarkdown } from "mdast-util-from-markdown";
import { gfmAutolinkLiteralFromMarkdown, gfmAutolinkLiteralToMarkdown } from "mdast-util-gfm-autolink-literal";
import { gfmStrikethroughFromMarkdown, gfmStrikethroughToMarkdown } from "mdast-util-gfm-strikethrough";
import { gfmTableFromMarkdown, gfmTableToMarkdown } from "mdast-util-gfm-table";
import { defaultHandlers, toMarkdown } from "mdast-util-to-markdown";
import { gfmAutolinkLiteral } from "micromark-extension-gfm-autolink-literal";
import { gfmStrikethrough } from "micromark-extension-gfm-strikethrough";
import { gfmTable } from "micromark-extension-gfm-table";
import { cleanLines } from "../typescript/text.js";

// The only module that knows the Markdown libraries. The build bundles them with it, in a file of its own: only who generates
// documentation loads them, and nobody installs them.

/**
 * The comment of a proto as Markdown: its emphasis, lists, tables, code and links stay.
 *
 * It is parsed, and printed from its tree, so that it means the same on the page, and nothing else: HTML is text, a link that
 * leads anywhere but to `http:`, `https:`, `mailto:` or a relative address is its text, a heading is a bold line, since it
 * would break up the page around it, and rules are left out.
 */
export function prose(comment: string): string {
  if (isPlainText(comment)) {
    return comment;
  }
  const parsed = fromMarkdown(cleanLines(comment).join("\n"), PARSED);
  return print({ type: "root", children: blocks(parsed.children, definitionsOf(parsed)) });
}

// Most comments are sentences with nothing in them that Markdown knows: they needn't be parsed, which takes a millisecond or more.
const PLAIN_LINE = /^[A-Za-z](?:[A-Za-z0-9 ,.;'"?()/-]|(?<=[A-Za-z0-9])_(?=[A-Za-z0-9]))*(?<! )$/;

function isPlainText(comment: string): boolean {
  return !/www\./i.test(comment) && comment.split(/\n\n?/).every((text) => PLAIN_LINE.test(text));
}

/** Markdown without its blocks: their content, on one line. */
export function line(markdown: string): string {
  const parsed = fromMarkdown(markdown, PARSED);
  const children = inlined(blocks(parsed.children, definitionsOf(parsed)));
  return print({ type: "root", children: [{ type: "paragraph", children: merged(children) }] }).replace(
    /\s*\\?\n\s*/g,
    " ",
  );
}

const PARSED = {
  extensions: [gfmTable(), gfmStrikethrough({ singleTilde: false }), gfmAutolinkLiteral()],
  mdastExtensions: [gfmTableFromMarkdown(), gfmStrikethroughFromMarkdown(), gfmAutolinkLiteralFromMarkdown()],
};

function print(tree: Root): string {
  return toMarkdown(tree, {
    bullet: "-",
    fences: true,
    listItemIndent: "one",
    extensions: [
      gfmTableToMarkdown({ tablePipeAlign: false }),
      gfmStrikethroughToMarkdown(),
      gfmAutolinkLiteralToMarkdown(),
    ],
    handlers: {
      text: (node: Text, parent, state, info) =>
        defaultHandlers
          .text(node, parent, state, info)
          // Within a word, as in INSUFFICIENT_FUNDS, it means nothing.
          .replace(/(?<=[A-Za-z0-9])\\_(?=[A-Za-z0-9])/g, "_")
          // Some take a backslash for the end of an address before it, and what comes then for HTML.
          .replace(/(?<!\\)((?:\\\\)*)\\</g, "$1&lt;"),
    },
  }).replace(/\n$/, "");
}

type Definitions = ReadonlyMap<string, Definition>;

/** What `[text][name]` leads to; of two with a name, the first counts. */
function definitionsOf(tree: Root): Definitions {
  const definitions = new Map<string, Definition>();
  const visit = (node: Nodes): void => {
    if (node.type === "definition" && !definitions.has(node.identifier)) {
      definitions.set(node.identifier, node);
    }
    if ("children" in node) {
      node.children.forEach(visit);
    }
  };
  visit(tree);
  return definitions;
}

function blocks<Block extends RootContent>(nodes: readonly Block[], definitions: Definitions): Block[] {
  return nodes.flatMap((node) => block(node, definitions)) as Block[];
}

function block(node: RootContent, definitions: Definitions): RootContent[] {
  switch (node.type) {
    case "html":
      return [paragraph([{ type: "text", value: node.value }])];
    case "heading":
      return node.children.length === 0
        ? []
        : [paragraph([{ type: "strong", children: phrases(node.children, definitions) }])];
    case "paragraph":
    case "tableCell":
      return [{ ...node, children: phrases(node.children, definitions) }];
    case "code":
      // What stands behind the language is for other tools.
      return [{ type: "code", value: node.value, lang: /^[\w+#.-]+$/.test(node.lang ?? "") ? node.lang : null }];
    case "blockquote":
    case "listItem":
      return [{ ...node, children: blocks(node.children, definitions) }];
    case "list":
      return [{ ...node, children: blocks(node.children, definitions) }];
    case "table":
      return [{ ...node, children: blocks(node.children, definitions) }];
    case "tableRow":
      return [{ ...node, children: blocks(node.children, definitions) }];
    default:
      // Definitions are put where they are used, and there is nothing else that would stand here, but rules.
      return [];
  }
}

function paragraph(children: PhrasingContent[]): Paragraph {
  return { type: "paragraph", children };
}

function phrases(nodes: readonly PhrasingContent[], definitions: Definitions): PhrasingContent[] {
  return merged(nodes.flatMap((node) => phrase(node, definitions)));
}

function phrase(node: PhrasingContent, definitions: Definitions): PhrasingContent[] {
  switch (node.type) {
    case "text":
    case "break":
      return [node];
    case "html":
      return [{ type: "text", value: node.value }];
    case "inlineCode":
      // A line of it could be read as the begin of a block.
      return [{ ...node, value: node.value.replace(/\s*\n\s*/g, " ") }];
    case "emphasis":
    case "strong":
    case "delete":
      return [{ ...node, children: phrases(node.children, definitions) }];
    case "link":
    case "linkReference":
      return link(targetOf(node, definitions), phrases(node.children, definitions));
    case "image":
    case "imageReference":
      return image(targetOf(node, definitions), node.alt ?? "");
    default:
      return [];
  }
}

interface Target {
  readonly url: string;
  readonly title?: string | null | undefined;
}

function targetOf(
  node: Link | Image | Extract<PhrasingContent, { type: "linkReference" | "imageReference" }>,
  definitions: Definitions,
): Target | undefined {
  const target = "url" in node ? node : definitions.get(node.identifier);
  return target !== undefined && isHarmless(target.url) ? target : undefined;
}

function link(target: Target | undefined, children: PhrasingContent[]): PhrasingContent[] {
  return target === undefined ? children : [{ type: "link", url: target.url, title: target.title ?? null, children }];
}

function image(target: Target | undefined, alt: string): PhrasingContent[] {
  return target === undefined
    ? [{ type: "text", value: alt }]
    : [{ type: "image", url: target.url, title: target.title ?? null, alt }];
}

const SCHEMES: readonly string[] = ["http", "https", "mailto"];

/** Whether an address is relative or has one of the schemes that do nothing but lead somewhere. */
function isHarmless(url: string): boolean {
  // Browsers leave out control characters and blanks before they look for the scheme.
  const scheme = /^([^/?#:]*):/.exec(url.replace(/[\p{Cc}\p{Z}\p{Cf}]/gu, ""))?.[1];
  return scheme === undefined || SCHEMES.includes(scheme.toLowerCase());
}

/** Texts beside each other become one: what has a meaning together is only then escaped. */
function merged(nodes: readonly PhrasingContent[]): PhrasingContent[] {
  const result: PhrasingContent[] = [];
  for (const node of nodes) {
    const last = result.at(-1);
    if (node.type === "text" && last?.type === "text") {
      result[result.length - 1] = { type: "text", value: last.value + node.value };
    } else {
      result.push(node);
    }
  }
  return result;
}

/** The phrases that blocks consist of, with a blank between two blocks. */
function inlined(nodes: readonly RootContent[]): PhrasingContent[] {
  return nodes.flatMap((node, index): PhrasingContent[] => {
    const space: PhrasingContent[] = index === 0 ? [] : [{ type: "text", value: " " }];
    if (node.type === "paragraph" || node.type === "tableCell") {
      return [...space, ...node.children];
    }
    if (node.type === "code" && node.value !== "") {
      return [...space, { type: "inlineCode", value: node.value.replace(/\s*\n\s*/g, " ") }];
    }
    return "children" in node ? [...space, ...inlined(node.children)] : [];
  });
}
