import { cleanLines } from "./text.js";

const WIDTH = 118;

/** A paragraph that Accord writes itself: it is filled up to the width of a line. A comment of the proto keeps its lines. */
export type Paragraph = string | undefined | { readonly fill: string } | { readonly tags: readonly string[] };

/**
 * A JSDoc comment, with its last line break.
 *
 * @param paragraphs text as it is, text to fill (`fill`), or lines that belong together (`tags`); undefined ones and
 * empty ones are left out, and an empty line is put between the others
 */
export function docComment(indentation: string, paragraphs: readonly Paragraph[]): string {
  const blocks = paragraphs
    .map((paragraph) => linesOf(paragraph, WIDTH - indentation.length))
    .filter((b) => b.length > 0);
  const lines = blocks.flatMap((block, index) => (index === 0 ? block : ["", ...block]));
  const [only] = lines;
  if (only === undefined) {
    return "";
  }
  if (lines.length === 1 && only.length + indentation.length + 7 <= WIDTH + 2) {
    return `${indentation}/** ${only} */\n`;
  }
  return [
    `${indentation}/**`,
    ...lines.map((line) => `${indentation} *${line === "" ? "" : ` ${line}`}`),
    `${indentation} */`,
    "",
  ].join("\n");
}

function linesOf(paragraph: Paragraph, width: number): string[] {
  if (paragraph === undefined) {
    return [];
  }
  if (typeof paragraph === "string") {
    return paragraph === "" ? [] : escaped(paragraph).split("\n");
  }
  if ("fill" in paragraph) {
    return fill(escaped(paragraph.fill), width);
  }
  return paragraph.tags.flatMap((tag) => escaped(tag).split("\n"));
}

// `*/` would end the comment.
function escaped(text: string): string {
  return cleanLines(text).join("\n").replaceAll("*/", "*\\/");
}

function fill(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  // What is in braces, `{@link X}`, isn't split.
  for (const word of text.match(/(?:\{[^}]*\}|\S)+/g) ?? []) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = "";
    }
    line = line === "" ? word : `${line} ${word}`;
  }
  return line === "" ? lines : [...lines, line];
}

/** The first sentence of a comment, on one line. */
export function firstSentence(comment: string | undefined): string | undefined {
  const paragraph = comment
    ?.split(/\n\s*\n/)[0]
    ?.replace(/\s+/g, " ")
    .trim();
  return paragraph === undefined ? undefined : (/^.*?[.!?](?=\s|$)/.exec(paragraph)?.[0] ?? paragraph);
}
