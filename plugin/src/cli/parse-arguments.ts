import { parseArgs } from "node:util";
import { nearest } from "@accord-grpc/runtime/contract";
import type { Command, CommandArguments, CommandOption } from "./command.js";
import { CommandError } from "./command-error.js";

/**
 * Reads a command's arguments.
 *
 * @throws CommandError for an option that doesn't exist, one without its value, a switch with a value, and for more
 *   positional arguments than the command takes
 */
export function parseArguments(command: Command, argv: readonly string[]): CommandArguments {
  const { tokens } = parseArgs({
    args: [...argv],
    options: Object.fromEntries(
      command.options.map(({ name, short, value }) => [
        name,
        { type: value === undefined ? ("boolean" as const) : ("string" as const), ...(short && { short }) },
      ]),
    ),
    strict: false,
    tokens: true,
    allowPositionals: true,
  });
  const positionals: string[] = [];
  const given = new Map<string, string[]>();
  for (const token of tokens) {
    if (token.kind === "positional") {
      positionals.push(token.value);
    } else if (token.kind === "option") {
      const option = findOption(command, token.name, token.rawName);
      given.set(option.name, [...(given.get(option.name) ?? []), readValue(command, option, token.value)]);
    }
  }
  checkPositionals(command, positionals);
  return {
    positionals,
    has: (name) => given.has(name),
    value: (name) => given.get(name)?.at(-1),
    values: (name) => given.get(name) ?? [],
  };
}

/** ` Did you mean …?`, or nothing. */
export function didYouMean(name: string, candidates: readonly string[]): string {
  const found = nearest(name, candidates);
  return found === undefined ? "" : ` Did you mean ${found}?`;
}

function findOption(command: Command, name: string, rawName: string): CommandOption {
  const option = command.options.find((candidate) => candidate.name === name);
  if (option === undefined) {
    const names = command.options.map((candidate) => `--${candidate.name}`);
    throw new CommandError(
      `accord ${command.name} has no option ${rawName}.${didYouMean(rawName, names)} ${seeHelp(command)}`,
    );
  }
  return option;
}

function readValue(command: Command, option: CommandOption, value: string | undefined): string {
  if (option.value === undefined && value !== undefined) {
    throw new CommandError(`--${option.name} is a switch and takes no value. ${seeHelp(command)}`);
  }
  if (option.value !== undefined && (value === undefined || value === "")) {
    throw new CommandError(`--${option.name} needs a value: --${option.name} ${option.value}. ${seeHelp(command)}`);
  }
  return value ?? "";
}

function checkPositionals(command: Command, positionals: readonly string[]): void {
  const extra = positionals[command.positionals.length];
  if (extra !== undefined) {
    const takes = command.positionals.map(({ name }) => `[${name}]`).join(" ");
    throw new CommandError(
      `accord ${command.name} takes ${takes === "" ? "no arguments" : `no more than ${takes}`}, but there is also "${extra}". ${seeHelp(command)}`,
    );
  }
}

function seeHelp(command: Command): string {
  return `See accord ${command.name} --help.`;
}
