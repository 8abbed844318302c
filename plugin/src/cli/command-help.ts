import type { Command, CommandOption } from "./command.js";
import type { TextStyle } from "./text-style.js";

/** Options that every command has. */
export const HELP_OPTION: CommandOption = { name: "help", short: "h", summary: "Show this help" };

/** The help of `accord` itself. */
export function mainHelp(commands: readonly Command[], version: string, style: TextStyle): string {
  return layOut([
    [`${style.bold("accord")} ${version}: what a .proto file promises, checked, explained and begun in TypeScript.`],
    [style.bold("Usage"), "  accord <command> [arguments]"],
    [style.bold("Commands"), ...table(commands.map(({ name, summary }) => [style.cyan(name), name, summary]))],
    [
      style.bold("Options"),
      ...table([
        ["-h, --help", "-h, --help", "Show help; accord <command> --help for a command's"],
        ["-V, --version", "-V, --version", "Show the version"],
      ]),
    ],
    ["Generating is buf's and protoc's to start: they call protoc-gen-accord, which comes with this command."],
  ]);
}

/** A command's help, with its examples. */
export function commandHelp(command: Command, style: TextStyle): string {
  const usage = [`accord ${command.name}`, ...command.positionals.map(({ name }) => `[${name}]`), "[options]"];
  const sections = [
    [`${style.bold(`accord ${command.name}`)}: ${command.summary.replace(/^./, (letter) => letter.toLowerCase())}.`],
    [...command.description],
    [style.bold("Usage"), `  ${usage.join(" ")}`],
  ];
  if (command.positionals.length > 0) {
    sections.push([
      style.bold("Arguments"),
      ...table(command.positionals.map(({ name, summary }) => [name, name, summary])),
    ]);
  }
  const options = [...command.options, HELP_OPTION].map((option): Row => {
    const text = spelling(option);
    return [text, text, option.summary];
  });
  sections.push([style.bold("Options"), ...table(options)]);
  sections.push([
    style.bold("Examples"),
    ...command.examples.flatMap(({ what, command: example }) => [`  ${style.dim(`# ${what}`)}`, `  ${example}`]),
  ]);
  if (command.exitCodes.length > 0) {
    sections.push([style.bold("Exit code"), ...command.exitCodes.map((text) => `  ${text}`)]);
  }
  return layOut(sections);
}

/** What a row begins with, the same without style, and the text behind it. */
type Row = readonly [styled: string, plain: string, text: string];

function table(rows: readonly Row[]): string[] {
  const width = rows.reduce((longest, [, plain]) => Math.max(longest, plain.length), 0);
  return rows.map(([styled, plain, text]) => `  ${styled}${" ".repeat(width - plain.length)}  ${text}`);
}

function spelling({ name, short, value }: CommandOption): string {
  return `${short === undefined ? "   " : `-${short},`} --${name}${value === undefined ? "" : ` ${value}`}`;
}

function layOut(sections: readonly (readonly string[])[]): string {
  return `${sections.map((lines) => lines.join("\n")).join("\n\n")}\n`;
}
