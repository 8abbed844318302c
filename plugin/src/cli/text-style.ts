import { stripVTControlCharacters } from "node:util";
import { lineText } from "@accord-grpc/runtime/contract";
import { columnsOf } from "../emit/typescript/text-width.js";
import type { CliIo, CliOutput } from "./cli-io.js";
import type { CommandArguments, CommandOption } from "./command.js";

/** Options of commands that print for people. */
export const COLOR_OPTIONS: readonly CommandOption[] = [
  { name: "color", summary: "Colour, even into a pipe" },
  { name: "no-color", summary: "No colour, even on a terminal (as with NO_COLOR)" },
];

/** Makes text stand out. Without colour each gives the text as it is. */
export interface TextStyle {
  readonly isColored: boolean;
  bold(text: string): string;
  dim(text: string): string;
  red(text: string): string;
  green(text: string): string;
  yellow(text: string): string;
  blue(text: string): string;
  cyan(text: string): string;
}

/**
 * Whether and how to colour what goes to an output: as the options say, else as NO_COLOR and FORCE_COLOR do, else if it
 * is a terminal that can.
 */
export function textStyle(io: CliIo, output: CliOutput, args: CommandArguments): TextStyle {
  return styleOf(wantsColor(io, output, args));
}

/** A style with or without colour. */
export function styleOf(isColored: boolean): TextStyle {
  const code = (start: number, end: number) => (text: string) =>
    isColored && text !== "" ? `\u001b[${start}m${text}\u001b[${end}m` : text;
  return {
    isColored,
    bold: code(1, 22),
    dim: code(2, 22),
    red: code(31, 39),
    green: code(32, 39),
    yellow: code(33, 39),
    blue: code(34, 39),
    cyan: code(36, 39),
  };
}

/** The columns that styled text takes. */
export function styledWidth(text: string): number {
  return columnsOf(stripVTControlCharacters(text));
}

/** Styled text, filled up with blanks to a width. */
export function padStyled(text: string, width: number): string {
  return text + " ".repeat(Math.max(0, width - styledWidth(text)));
}

/** Text of the user's, with its lines: what would steer a terminal is escaped, a tab is a blank. */
export function plainText(text: string): string {
  return text.split(/\r?\n/).map(plainLine).join("\n");
}

/** Text of the user's, on one line: a line's end is escaped too. */
export function plainLine(text: string): string {
  return lineText(text.replaceAll("\t", " "));
}

/**
 * Text in lines of at most `width` columns, broken at blanks. What is styled as one stays together; what is longer than a
 * line is cut where that ends.
 */
export function wrapText(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const paragraph of text.split("\n")) {
    let line = "";
    for (const word of wordsOf(paragraph).flatMap((whole) => cutWord(whole, width))) {
      if (line !== "" && styledWidth(line) + 1 + styledWidth(word) > width) {
        lines.push(line);
        line = word;
      } else {
        line = line === "" ? word : `${line} ${word}`;
      }
    }
    lines.push(line);
  }
  return lines;
}

/** The words of a text. A styled span is part of a word, blanks and all: a line's end within it would colour the margin. */
function wordsOf(text: string): string[] {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the start of a styled span, and its end
  return text.match(/(?:\u001b\[\d+m[^\u001b]*\u001b\[\d+m|[^ ])+/g) ?? [];
}

/** A style ends with a line, and begins again on the next. */
function cutWord(word: string, width: number): string[] {
  if (styledWidth(word) <= width) {
    return [word];
  }
  const pieces: string[] = [];
  let piece = "";
  let open: readonly string[] = [];
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the start of a styled span, or its end
  for (const part of word.match(/\u001b\[\d+m|[^\u001b]/gu) ?? []) {
    if (part.startsWith("\u001b")) {
      open = isEnd(part) ? open.slice(0, -1) : [...open, part];
    } else if (styledWidth(piece + part) > width) {
      pieces.push(piece + open.map(endOf).reverse().join(""));
      piece = open.join("");
    }
    piece += part;
  }
  return [...pieces, piece];
}

/** What {@link styleOf} ends a style with. */
const ENDS: readonly string[] = ["\u001b[22m", "\u001b[39m"];

function isEnd(code: string): boolean {
  return ENDS.includes(code);
}

function endOf(start: string): string {
  return `\u001b[${/\[[12]m/.test(start) ? 22 : 39}m`;
}

function wantsColor(io: CliIo, output: CliOutput, args: CommandArguments): boolean {
  if (args.has("no-color")) {
    return false;
  }
  if (args.has("color")) {
    return true;
  }
  const { NO_COLOR = "", FORCE_COLOR, TERM } = io.env;
  if (NO_COLOR !== "") {
    return false;
  }
  if (FORCE_COLOR !== undefined && FORCE_COLOR !== "") {
    return FORCE_COLOR !== "0" && FORCE_COLOR !== "false";
  }
  return output.isTerminal && TERM !== "dumb";
}
