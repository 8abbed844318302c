/** Text as a code span, whatever backticks and line breaks are in it. Empty text is nothing. */
export function code(text: string): string {
  if (text === "") {
    return "";
  }
  const line = text.replace(/\s*\n\s*/g, " ");
  const longest = Math.max(0, ...(line.match(/`+/g) ?? []).map((run) => run.length));
  const fence = "`".repeat(longest + 1);
  // One space at each end is taken off again where it would be read as part of the fence.
  const pad = /^`|`$|^ .*\S.* $/.test(line) ? " " : "";
  return `${fence}${pad}${line}${pad}${fence}`;
}

/** Plain text as Markdown that reads the same: what Markdown or HTML would take for its own is escaped. */
export function plain(text: string): string {
  return (
    text
      .replace(/\s*\n\s*/g, " ")
      .replace(/[\\`*[\]<>#|~]/g, "\\$&")
      // Within a word, as in INSUFFICIENT_FUNDS, it means nothing.
      .replace(/(?<![A-Za-z0-9_])_+|_+(?![A-Za-z0-9_])/g, (run) => "\\_".repeat(run.length))
      .replace(/&(?=#?\w+;)/g, "\\&")
  );
}

const FENCE = /^ {0,3}(`{3,}|~{3,})/;

/**
 * The comment of a proto as Markdown. Its emphasis, lists, links and code stay; it can't hold HTML, headings or rules that
 * would break up the page around it.
 */
export function prose(comment: string): string {
  let open: string | undefined;
  const lines = comment.split("\n").map((line) => {
    const mark = FENCE.exec(line)?.[1];
    if (open !== undefined) {
      open = mark?.startsWith(open) ? undefined : open;
      return line;
    }
    open = mark;
    return mark === undefined ? withoutHtml(withoutStructure(line)) : line;
  });
  // A block of code that nothing closes would swallow the rest of the page.
  return (open === undefined ? lines : [...lines, open]).join("\n");
}

/** Markdown for a cell of a table: one line, with its bars escaped. */
export function cell(markdown: string): string {
  return markdown.replace(/\s*\n\s*/g, " ").replace(/(?<!\\)((?:\\\\)*)\|/g, "$1\\|");
}

// `# x` and an underline of `---` or `===`, be it one character long, are headings, and `---` or `***` alone is a rule.
function withoutStructure(line: string): string {
  return line.replace(/^( {0,3})(#{1,6}(?=\s|$)|[-=]+\s*$|(?:[-*_] *){3,}$)/, "$1\\$2");
}

// Not `<https://…>`, which is Markdown's own way to write a link.
const HTML = /(?<!\\)<(?!(?:https?:\/\/|mailto:)[^\s<>]*>)/g;

// What is in a code span stays: there, a backslash would show.
function withoutHtml(line: string): string {
  return line
    .split(/(`+[^`]*`+)/)
    .map((part) => (part.startsWith("`") ? part : part.replace(HTML, "\\<")))
    .join("");
}
