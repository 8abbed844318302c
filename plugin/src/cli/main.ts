import { nearest } from "@accord-grpc/runtime/contract";
import { UserFileError } from "../scaffold/user-files.js";
import { TemplateError } from "../templates/template-error.js";
import { VERSION } from "../version.js";
import { breakingCommand } from "./breaking-command.js";
import type { CliIo } from "./cli-io.js";
import type { Command, CommandArguments } from "./command.js";
import { CommandError, ExitCode } from "./command-error.js";
import { commandHelp, HELP_OPTION, mainHelp } from "./command-help.js";
import { diffCommand } from "./diff-command.js";
import { explainCommand } from "./explain-command.js";
import { initCommand } from "./init-command.js";
import { lintCommand } from "./lint-command.js";
import { mockCommand } from "./mock-command.js";
import { parseArguments } from "./parse-arguments.js";
import { scaffoldCommand } from "./scaffold-command.js";
import { plainLine, plainText, textStyle } from "./text-style.js";
import { verifyCommand } from "./verify-command.js";

/** All commands, in the order of the help. */
export const COMMANDS: readonly Command[] = [
  initCommand,
  lintCommand,
  explainCommand,
  scaffoldCommand,
  breakingCommand,
  diffCommand,
  mockCommand,
  verifyCommand,
];

/**
 * The `accord` command.
 *
 * @param argv the arguments behind the command's name
 * @returns the exit code
 * @throws only what is a defect of the command: whatever is the user's to mend is written to standard error
 */
export async function main(argv: readonly string[], io: CliIo): Promise<ExitCode> {
  try {
    return await dispatch(argv, io);
  } catch (error) {
    if (error instanceof CommandError) {
      io.stderr.write(`accord: ${[error.message, ...error.details].map(plainLine).join("\n")}\n`);
      return ExitCode.FAILED;
    }
    if (error instanceof TemplateError || error instanceof UserFileError) {
      io.stderr.write(`accord: ${plainText(error.message)}\n`);
      return ExitCode.FAILED;
    }
    throw error;
  }
}

const NO_ARGUMENTS: CommandArguments = { positionals: [], has: () => false, value: () => undefined, values: () => [] };

async function dispatch(argv: readonly string[], io: CliIo): Promise<ExitCode> {
  const [first, ...rest] = argv;
  const style = textStyle(io, io.stdout, NO_ARGUMENTS);
  if (first === "--version" || first === "-V" || first === "-v") {
    io.stdout.write(`accord ${VERSION}\n`);
    return ExitCode.OK;
  }
  const name = first === "help" ? rest[0] : first;
  if (name === undefined || name === "--help" || name === "-h") {
    io.stdout.write(mainHelp(COMMANDS, VERSION, style));
    return ExitCode.OK;
  }
  const command = findCommand(name);
  // A command that asks for help gets it, whatever else is on the line.
  const end = rest.indexOf("--");
  const options = end === -1 ? rest : rest.slice(0, end);
  if (first === "help" || options.includes("--help") || options.includes("-h")) {
    io.stdout.write(commandHelp(command, style));
    return ExitCode.OK;
  }
  return command.run(parseArguments({ ...command, options: [...command.options, HELP_OPTION] }, rest), io);
}

function findCommand(name: string): Command {
  const command = COMMANDS.find((candidate) => candidate.name === name);
  if (command !== undefined) {
    return command;
  }
  const names = COMMANDS.map((candidate) => candidate.name);
  const close = nearest(name, names) ?? names.find((candidate) => candidate.startsWith(name) && name.length > 1);
  const hint = close === undefined ? "" : ` Did you mean accord ${close}?`;
  const what = name.startsWith("-") ? `There is no option ${name}.` : `There is no command "${name}".`;
  throw new CommandError(`${what}${hint} There are ${names.join(", ")}; see accord --help.`);
}
