import { lineText } from "@accord-grpc/runtime/contract";
import { line } from "./comment-markdown.js";

export { prose } from "./comment-markdown.js";

/** Text as a code span, whatever backticks and line breaks are in it. Empty text is nothing. */
export function code(text: string): string {
  if (text === "") {
    return "";
  }
  const shown = onOneLine(text);
  const longest = Math.max(0, ...(shown.match(/`+/g) ?? []).map((run) => run.length));
  const fence = "`".repeat(longest + 1);
  // One space at each end is taken off again where it would be read as part of the fence.
  const pad = /^`|`$|^ .*\S.* $/.test(shown) ? " " : "";
  return `${fence}${pad}${shown}${pad}${fence}`;
}

/** Plain text as Markdown that reads the same: what Markdown or HTML would take for its own is escaped. */
export function plain(text: string): string {
  return (
    onOneLine(text)
      .replace(/[\\`*[\]>#|~@]/g, "\\$&")
      // Within a word, as in INSUFFICIENT_FUNDS, it means nothing.
      .replace(/(?<![A-Za-z0-9_])_+|_+(?![A-Za-z0-9_])/g, (run) => "\\_".repeat(run.length))
      .replace(/&(?=#?\w+;)/g, "\\&")
      .replaceAll("<", "&lt;")
      // Where addresses become links by themselves, a backslash behind one counts to it, and escapes nothing any more.
      .replace(/:(?=\/\/)|(?<=\bwww)\./gi, "\\$&")
  );
}

/** Markdown for a cell of a table: one line, with its bars escaped. */
export function cell(markdown: string): string {
  // A block has no place in a cell, and blocks of code would become something else there.
  const inline = /\n|^ *(?:`{3}|~{3})/.test(markdown) ? line(markdown) : markdown;
  return inline.replace(/(?<!\\)((?:\\\\)*)\|/g, "$1\\|");
}

function onOneLine(text: string): string {
  return lineText(text.replace(/\s*[\n\r\u2028\u2029]\s*/g, " ").replaceAll("\t", " "));
}
