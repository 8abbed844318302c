/** How a file is written, so that what is inserted looks like the rest of it. */
export interface SourceStyle {
  readonly lineEnd: "\n" | "\r\n" | "\r";
  /** One level of indentation. */
  readonly indent: string;
  readonly quote: '"' | "'";
  readonly semicolons: boolean;
  /** The width that lines are kept to: 80, 100 or 120. */
  readonly lineWidth: number;
}

/** What a new file is written in, and what decides where a file doesn't show it. */
export const DEFAULT_STYLE: SourceStyle = {
  lineEnd: "\n",
  indent: "  ",
  quote: '"',
  semicolons: true,
  lineWidth: 80,
};

/** Reads the style off a file's text. It looks at lines, not at syntax: a wrong guess costs looks, never meaning. */
export function sourceStyle(text: string): SourceStyle {
  const lines = text.split(/\r\n|\n|\r/);
  return {
    lineEnd: lineEndOf(text),
    indent: indentOf(lines),
    quote: quoteOf(lines),
    semicolons: semicolonsOf(lines),
    lineWidth: lineWidthOf(lines),
  };
}

function lineEndOf(text: string): SourceStyle["lineEnd"] {
  const crlf = count(text, /\r\n/g);
  const lf = count(text, /(?<!\r)\n/g);
  const cr = count(text, /\r(?!\n)/g);
  if (crlf > lf && crlf >= cr) {
    return "\r\n";
  }
  return cr > lf ? "\r" : DEFAULT_STYLE.lineEnd;
}

/** The first indented line is one level in, in nearly every file. Continued comments (` * …`) don't count. */
function indentOf(lines: readonly string[]): string {
  for (const line of lines) {
    const indent = /^([ \t]+)[^\s*]/.exec(line)?.[1];
    if (indent !== undefined) {
      return indent.startsWith("\t") ? "\t" : indent;
    }
  }
  return DEFAULT_STYLE.indent;
}

function quoteOf(lines: readonly string[]): SourceStyle["quote"] {
  const specifiers = lines.flatMap((line) => /\b(?:from|import)\s*(["'])/.exec(line)?.[1] ?? []);
  const single = specifiers.filter((quote) => quote === "'").length;
  return single * 2 > specifiers.length ? "'" : DEFAULT_STYLE.quote;
}

/** Lines that end a statement or declare a field nearly always show it; without any that do, there are semicolons. */
function semicolonsOf(lines: readonly string[]): boolean {
  const ended = lines.filter((line) => /;\s*(?:\/\/.*)?$/.test(line)).length;
  const open = lines.filter((line) =>
    /^\s*(?:import\b.*["']|(?:return|throw|const|let)\b.*[\w)\]"'`])\s*$/.test(line),
  ).length;
  return open <= ended;
}

function lineWidthOf(lines: readonly string[]): number {
  const code = lines.filter((line) => !/^\s*(?:import\b|\/\/|\/?\*)/.test(line));
  const longest = code.reduce((width, line) => Math.max(width, line.length), 0);
  return longest > 100 ? 120 : longest > DEFAULT_STYLE.lineWidth ? 100 : DEFAULT_STYLE.lineWidth;
}

function count(text: string, pattern: RegExp): number {
  return text.match(pattern)?.length ?? 0;
}
