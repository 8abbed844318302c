import type { CommandArguments, CommandOption } from "./command.js";
import { CommandError } from "./command-error.js";
import type { Finding } from "./diagnostic-lines.js";

const FORMATS = ["text", "json", "github-actions"] as const;

/** How findings are printed. */
export type ErrorFormat = (typeof FORMATS)[number];

/** The options by which commands that find something are told how to print it. */
export const ERROR_FORMAT_OPTIONS: readonly CommandOption[] = [
  { name: "error-format", value: "FORMAT", summary: `${FORMATS.join(", ")} (annotations on the lines). Default: text` },
  { name: "json", summary: "Short for --error-format=json: one JSON document" },
];

/** @throws CommandError if there is no such format */
export function errorFormat(args: CommandArguments): ErrorFormat {
  const value = args.value("error-format") ?? (args.has("json") ? "json" : "text");
  const format = FORMATS.find((each) => each === value);
  if (format === undefined) {
    throw new CommandError(`--error-format takes ${FORMATS.join(", ")}: "${value}" is none of them.`);
  }
  return format;
}

/** A finding as a command of a GitHub workflow: it becomes an annotation on its line in the pull request. */
export function githubAnnotation({ path, line, column, severity, rule, message }: Finding): string {
  const properties = { file: path, line, col: column, title: rule };
  const list = Object.entries(properties).map(([name, value]) => `${name}=${escapeProperty(String(value))}`);
  return `::${severity} ${list.join(",")}::${escapeData(message)}\n`;
}

function escapeData(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}
